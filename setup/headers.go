package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// api is the folder of libtorch's C++ frontend below its include folder.
const api = "torch/csrc/api/include"

// readHeaders fills in the version and the C++ standard. From 2.9 on the
// version lies in torch/headeronly, and the old file only includes it.
func (l *libtorch) readHeaders(root string) error {
	text, err := os.ReadFile(filepath.Join(l.Include, api, "torch", "version.h"))
	if err != nil {
		return errHint(fmt.Sprintf("%s has no headers: %v", root, err), "install the development package (libtorch-dev), or take the libtorch zip or the wheel from PyPI")
	}
	newer, err := os.ReadFile(filepath.Join(l.Include, "torch", "headeronly", "version.h"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("version of libtorch: %w", err)
	}
	if l.Version = parseVersion(string(text)); l.Version == "" {
		l.Version = parseVersion(string(newer))
	}
	if l.Version == "" {
		return errHint(fmt.Sprintf("torch/version.h in %s does not say which libtorch it is", root), "take libtorch 1.13 or newer: pip install -U torch, or libtorch-dev")
	}
	if !atLeast(l.Version, 1, 13) {
		return errHint(fmt.Sprintf("libtorch %s in %s is too old", l.Version, root), "take libtorch 1.13 or newer: pip install -U torch, or libtorch-dev")
	}
	for _, name := range []string{filepath.Join(api, "torch", "all.h"), filepath.Join("ATen", "ATen.h")} {
		text, err := os.ReadFile(filepath.Join(l.Include, name))
		if err == nil && l.Standard == "" {
			l.Standard = parseStandard(string(text))
		}
	}
	return nil
}

// standard is the C++ standard to compile with; gotch asks for C++17.
func (l libtorch) standard() string {
	if l.Standard == "" {
		return "c++17"
	}
	return l.Standard
}

var versionPart = regexp.MustCompile(`#define TORCH_VERSION_(MAJOR|MINOR|PATCH) (\d+)`)

// parseVersion reads torch/version.h; empty means that it is not said there.
func parseVersion(header string) string {
	var parts []string
	for _, m := range versionPart.FindAllStringSubmatch(header, 3) {
		parts = append(parts, m[2])
	}
	return strings.Join(parts, ".")
}

func atLeast(version string, major, minor int) bool {
	first, rest, _ := strings.Cut(version, ".")
	second, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(first)
	b, errB := strconv.Atoi(second)
	return errA == nil && errB == nil && (a > major || a == major && b >= minor)
}

var standardCheck = regexp.MustCompile(`__cplusplus < (\d{6})L`)

// parseStandard reads the check on top of ATen.h; empty means that C++17 will do.
func parseStandard(header string) string {
	m := standardCheck.FindStringSubmatch(header)
	switch {
	case m == nil || m[1] <= "201703":
		return ""
	case m[1] <= "202002":
		return "c++20"
	}
	return "c++23"
}
