package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// generated is gotch's file of wrappers, one PROTECT( … ) each.
const generated = "torch_api_generated.cpp.h"

// absent is a wrapper that does not compile against this libtorch.
type absent struct {
	Operator    string // "atg__native_batch_norm_legit"
	First, Last int    // the lines on which its PROTECT begins and ends
}

// probe compiles gotch's one C++ file without making code, and collects the
// wrappers with errors. It does so again with those switched off, until nothing
// is left to complain of.
func probe(ctx context.Context, b build) ([]absent, error) {
	source, err := os.ReadFile(filepath.Join(b.Tools.Gotch, "libtch", generated))
	if err != nil {
		return nil, fmt.Errorf("gotch's source: %w", err)
	}
	dir, err := os.MkdirTemp("", "vertebra-setup-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	wrappers := findWrappers(string(source))
	missing := map[int]absent{}
	for range 4 {
		lines, complaint := compile(ctx, b, dir, values(missing))
		if len(lines) == 0 {
			return values(missing), complaint
		}
		for _, line := range lines {
			w, ok := enclosing(wrappers, line)
			if !ok {
				return nil, fmt.Errorf("line %d of gotch's %s does not compile and lies in no wrapper; this libtorch needs a newer gotch", line, generated)
			}
			missing[w.First] = w
		}
	}
	return nil, fmt.Errorf("gotch %s still does not compile against libtorch %s with %d operators switched off", b.Tools.Gotch, b.Lib.Version, len(missing))
}

// compile gives the lines of the generated file that have errors; an error
// elsewhere is given back as such.
func compile(ctx context.Context, b build, dir string, missing []absent) ([]int, error) {
	header := filepath.Join(dir, "gotch.h")
	if err := os.WriteFile(header, []byte(protect(missing, b.Lib.Version)), 0o644); err != nil {
		return nil, err
	}
	libtch := filepath.Join(b.Tools.Gotch, "libtch")
	args := append(b.Tools.command(), "-std="+b.Lib.standard(), "-fsyntax-only", b.Tools.everyError(), "-w", "-include", header, "-I"+libtch)
	args = append(append(args, b.includes()...), filepath.Join(libtch, "torch_api.cpp"))
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Env = append(os.Environ(), "LC_ALL=C") // the parser reads English
	out, err := command.CombinedOutput()
	if err == nil {
		return nil, nil
	}
	lines, other := parseErrors(string(out))
	if len(lines) == 0 {
		if other == "" {
			other = strings.TrimSpace(string(out))
		}
		return nil, errors.Join(fmt.Errorf("gotch does not compile against libtorch %s: %s", b.Lib.Version, other), ctx.Err())
	}
	return lines, nil
}

var complaint = regexp.MustCompile(`^(.*?):(\d+):\d+: (?:fatal )?error: (.*)`)

// parseErrors reads the compiler's output: line numbers in the generated file,
// and the first error anywhere else.
func parseErrors(output string) (lines []int, other string) {
	seen := map[int]bool{}
	scan := bufio.NewScanner(strings.NewReader(output))
	scan.Buffer(nil, 1<<24)
	for scan.Scan() {
		m := complaint.FindStringSubmatch(scan.Text())
		if m == nil {
			continue
		}
		n, err := strconv.Atoi(m[2])
		switch {
		case err == nil && filepath.Base(m[1]) == generated && !seen[n]:
			seen[n] = true
			lines = append(lines, n)
		case filepath.Base(m[1]) != generated && other == "":
			other = scan.Text()
		}
	}
	sort.Ints(lines)
	return lines, other
}

var operatorName = regexp.MustCompile(`\b(atg_\w+)\(`)

// findWrappers lists the PROTECT blocks of the generated file in order.
func findWrappers(source string) []absent {
	var all []absent
	operator, depth := "", 0
	for i, line := range strings.Split(source, "\n") {
		if m := operatorName.FindStringSubmatch(line); m != nil && depth == 0 {
			operator = m[1]
		}
		if depth == 0 {
			at := strings.Index(line, "PROTECT(")
			if at < 0 {
				continue
			}
			all = append(all, absent{Operator: operator, First: i + 1})
			line = line[at:]
		}
		depth += strings.Count(line, "(") - strings.Count(line, ")")
		all[len(all)-1].Last = i + 1
	}
	return all
}

func enclosing(wrappers []absent, line int) (absent, bool) {
	i := sort.Search(len(wrappers), func(i int) bool { return wrappers[i].Last >= line })
	if i < len(wrappers) && wrappers[i].First <= line {
		return wrappers[i], true
	}
	return absent{}, false
}

func values(m map[int]absent) []absent {
	out := make([]absent, 0, len(m))
	for _, a := range m {
		out = append(out, a)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].First < out[j].First })
	return out
}
