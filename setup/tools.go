package main

import (
	"context"
	"path/filepath"
	"strings"
)

// tools are what a build needs besides libtorch.
type tools struct {
	CXX      string // the C++ compiler
	Compiler string // first line of its --version
	Gotch    string // folder of gotch's source
}

// command is $CXX as a command line: it may be "ccache g++".
func (t tools) command() []string {
	if words := strings.Fields(t.CXX); len(words) > 0 {
		return words
	}
	return []string{"g++"}
}

// everyError is the flag with which the compiler does not stop at the
// twentieth error.
func (t tools) everyError() string {
	if strings.Contains(t.Compiler, "clang") {
		return "-ferror-limit=0"
	}
	return "-fmax-errors=0"
}

func noCompiler() error {
	return errHint("there is no C++ compiler", "as root: apt-get install -y gcc g++ make")
}

func findTools(ctx context.Context, h host) (tools, error) {
	t := tools{CXX: h.Getenv("CXX")}
	if t.CXX == "" {
		t.CXX = "g++"
	}
	command := append(t.command(), "--version")
	version, err := h.Run(ctx, command[0], command[1:]...)
	if err != nil {
		return t, noCompiler()
	}
	t.Compiler, _, _ = strings.Cut(version, "\n")
	t.Gotch, err = findGotch(ctx, h)
	return t, err
}

// findGotch gives the folder of gotch's source. A vendor folder comes first: Go
// builds from it, and the host may have no network to ask for modules.
func findGotch(ctx context.Context, h host) (string, error) {
	if vendored := filepath.Join("vendor", "github.com", "sugarme", "gotch"); h.Exists(vendored) {
		return filepath.Abs(vendored)
	}
	list := []string{"list", "-mod=mod", "-m", "-f", "{{.Dir}}", "github.com/sugarme/gotch"}
	dir, err := h.Run(ctx, "go", list...)
	if err != nil || strings.TrimSpace(dir) != "" {
		return strings.TrimSpace(dir), err
	}
	if _, err := h.Run(ctx, "go", "mod", "download", "github.com/sugarme/gotch"); err != nil {
		return "", errHint(err.Error(), "the module proxy must be reachable once: go mod download")
	}
	dir, err = h.Run(ctx, "go", list...)
	return strings.TrimSpace(dir), err
}
