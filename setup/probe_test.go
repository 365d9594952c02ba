package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const wrapperSource = `// generated

void atg_add(tensor *out__, tensor self) {
  PROTECT(
    auto outputs__ = torch::add(*self);
    out__[0] = new torch::Tensor(outputs__);
  )
}

int64_t atg_size(tensor self) {
  PROTECT(return self->size((0));)
  return 0;
}
`

func TestFindWrappers(t *testing.T) {
	t.Parallel()
	want := []absent{{"atg_add", 4, 7}, {"atg_size", 11, 11}}
	if got := findWrappers(wrapperSource); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEnclosing(t *testing.T) {
	t.Parallel()
	wrappers := findWrappers(wrapperSource)
	for line, want := range map[int]string{3: "", 4: "atg_add", 6: "atg_add", 7: "atg_add", 8: "", 11: "atg_size", 12: "", 99: ""} {
		if got, ok := enclosing(wrappers, line); got.Operator != want || ok != (want != "") {
			t.Errorf("line %d: got %q, want %q", line, got.Operator, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	const gcc = `In file included from /m/torch_api.cpp:1079:
/m/torch_api_generated.cpp.h: In function 'void atg_x()':
/m/torch_api_generated.cpp.h:626:29: error: '_cslt_compress' is not a member of 'torch'
/m/torch_api.h:20:5: note: in definition of macro 'PROTECT'
/m/torch_api_generated.cpp.h:12:3: error: no
/m/torch_api_generated.cpp.h:12:9: error: again
/m/torch_api_generated.cpp.h:14:9: warning: nothing
/usr/include/c++/12/tuple:1357:25: error: static assertion failed
x.h:82:10: fatal error: crt/host_config.h: No such file or directory
`
	lines, other := parseErrors(gcc)
	if want := []int{12, 626}; !reflect.DeepEqual(lines, want) {
		t.Errorf("lines: got %v, want %v", lines, want)
	}
	if want := "/usr/include/c++/12/tuple:1357:25: error: static assertion failed"; other != want {
		t.Errorf("other: got %q, want %q", other, want)
	}
	if _, other := parseErrors("x.h:82:10: fatal error: crt/a.h: none\n"); !strings.Contains(other, "crt/a.h") {
		t.Errorf("a fatal error was not seen: %q", other)
	}
}

func FuzzParseErrors(f *testing.F) {
	f.Add("a/torch_api_generated.cpp.h:7:1: error: x\nb.h:1:2: error: y")
	f.Add("torch_api_generated.cpp.h:99999999999999999999:1: error: x")
	f.Fuzz(func(t *testing.T, output string) {
		lines, _ := parseErrors(output)
		for i, n := range lines {
			if n < 0 || i > 0 && lines[i-1] >= n {
				t.Errorf("lines are not rising: %v", lines)
			}
		}
		for _, w := range findWrappers(output) {
			if w.Last < w.First {
				t.Errorf("a wrapper ends before it begins: %v", w)
			}
		}
	})
}

// A gotch of two wrappers, one of which needs what is not there: probe must
// switch off that one alone, and the program must run.
func TestProbeCompiles(t *testing.T) {
	t.Parallel()
	dir, b := smallGotch(t)
	missing, err := probe(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if len(missing) != 1 || missing[0].Operator != "atg_gone" {
		t.Fatalf("got %v, want atg_gone alone", missing)
	}
	header := filepath.Join(dir, "gotch.h")
	if err := os.WriteFile(header, []byte(protect(missing, "9.9.9")), 0o644); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program")
	build := exec.CommandContext(t.Context(), "g++", "-include", header, "-I", filepath.Join(dir, "libtch"), filepath.Join(dir, "libtch", "torch_api.cpp"), "-o", program)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), program).Output()
	want := "this operator is not in libtorch 9.9.9|thrown|libtorch threw something that is not an exception|7"
	if err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

// An error outside every wrapper is told in the compiler's own words.
func TestProbeTellsOtherErrors(t *testing.T) {
	t.Parallel()
	dir, b := smallGotch(t)
	cpp := filepath.Join(dir, "libtch", "torch_api.cpp")
	if err := os.WriteFile(cpp, []byte("#include \"nowhere.h\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := probe(t.Context(), b); err == nil || !strings.Contains(err.Error(), "nowhere.h") {
		t.Errorf("got %v, want the compiler's message about nowhere.h", err)
	}
}

func smallGotch(t *testing.T) (string, build) {
	t.Helper()
	if _, err := exec.LookPath("g++"); err != nil {
		t.Skip("no g++")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"torch_api.h": "#pragma once\n#include <cstring>\n#include <cstdio>\n#include <stdexcept>\nstatic char *torch_last_err;\n#define PROTECT(x) x\n",
		generated: `int atg_gone(int a, int b) {
  PROTECT(
    return nowhere::gone(a, b);
  )
  return 0;
}
int atg_throws(int what) {
  PROTECT(
    if (what) throw 3;
    throw std::runtime_error("thrown");
  )
  return 0;
}
int atg_works(int a, int b) {
  PROTECT(return a + b;)
  return 0;
}
`,
		"torch_api.cpp": `#include "torch_api.h"
#include "torch_api_generated.cpp.h"
int main() {
  atg_gone(1, 2); printf("%s|", torch_last_err);
  atg_throws(0); printf("%s|", torch_last_err);
  atg_throws(1); printf("%s|%d", torch_last_err, atg_works(3, 4));
}
`,
	} {
		writeFile(t, filepath.Join(dir, "libtch", name), text)
	}
	return dir, build{Tools: tools{CXX: "g++", Gotch: dir}, Lib: libtorch{Include: "/usr/include", Version: "9.9.9"}}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestProtectNamesBothLines: compilers differ in which line of a macro's call __LINE__ is, the first
// or the last.
func TestProtectNamesBothLines(t *testing.T) {
	t.Parallel()
	got := protect(findWrappers(wrapperSource), "1.13.0")
	for line, want := range map[string]int{"VT_ABSENT_1_4 ": 1, "VT_ABSENT_1_7 ": 1, "VT_ABSENT_1_11 ": 1} {
		if n := strings.Count(got, "#define "+line); n != want {
			t.Errorf("%s is defined %d times, want %d:\n%s", line, n, want, got)
		}
	}
}
