package main

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tableHost answers commands and paths from tables and writes down what was run.
type tableHost struct {
	answers map[string]string // first word of the command: its output
	paths   []string
	env     map[string]string
	root    bool
	ran     []string
}

func (h *tableHost) Run(_ context.Context, name string, args ...string) (string, error) {
	h.ran = append(h.ran, strings.Join(append([]string{name}, args...), " "))
	if out, ok := h.answers[name]; ok {
		return out, nil
	}
	return "", errors.New(name + ": not there")
}

func (h *tableHost) Exists(path string) bool {
	for _, machine := range []string{"/usr/", "/proc/", "/dev/"} {
		if strings.HasPrefix(path, machine) {
			return slices.Contains(h.paths, path)
		}
	}
	return realHost{}.Exists(path) // a folder of the test
}
func (h *tableHost) Getenv(name string) string { return h.env[name] }
func (h *tableHost) Root() bool                { return h.root }

const version213 = "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 1\n#define TORCH_VERSION_PATCH 3\n"

// fakeTorch makes a folder with the headers of a libtorch and a libc10 built
// with the new or the old ABI.
func fakeTorch(t *testing.T, version string, newABI bool) string {
	t.Helper()
	if _, err := exec.LookPath("g++"); err != nil {
		t.Skip("no g++")
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "include", api, "torch", "version.h"), version)
	writeFile(t, filepath.Join(dir, "lib", "libtorch_cpu.so"), "")
	source := filepath.Join(dir, "c10.cpp")
	writeFile(t, source, "#include <string>\nnamespace c10 { void check(const std::string &) {} }\n")
	abi := map[bool]string{true: "1", false: "0"}[newABI]
	out, err := exec.CommandContext(t.Context(), "g++", "-shared", "-fPIC", "-D_GLIBCXX_USE_CXX11_ABI="+abi, source, "-o", filepath.Join(dir, "lib", "libc10.so")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

func TestPickTakesTheNamedFolderFirst(t *testing.T) {
	t.Parallel()
	named, python := fakeTorch(t, version213, true), fakeTorch(t, version213, true)
	h := &tableHost{env: map[string]string{"LIBTORCH": named}, answers: map[string]string{"python3": python + "\n"}}
	lib, err := pick(t.Context(), h, "", io.Discard)
	if err != nil || lib.LibDir != filepath.Join(named, "lib") || lib.Version != "2.1.3" {
		t.Errorf("got %+v, %v, want the folder in $LIBTORCH", lib, err)
	}
}

func TestPickTakesPythonBeforeTheSystem(t *testing.T) {
	t.Parallel()
	python := fakeTorch(t, version213, true)
	writeFile(t, filepath.Join(python, "include", "torch", "all.h"), "")
	h := &tableHost{answers: map[string]string{"python3": python + "\n", "gcc": "x86_64-linux-gnu\n"}}
	lib, err := pick(t.Context(), h, "", io.Discard)
	if err != nil || lib.Include != filepath.Join(python, "include") {
		t.Errorf("got %+v, %v, want Python's", lib, err)
	}
}

// An unusable Python torch is passed over, and where nothing can be installed
// the error says which command mends it.
func TestPickPassesOverAnOldPythonTorch(t *testing.T) {
	t.Parallel()
	python := fakeTorch(t, version213, false)
	h := &tableHost{answers: map[string]string{"python3": python, "gcc": "x86_64-linux-gnu"}}
	var out strings.Builder
	_, err := pick(t.Context(), h, "", &out)
	if !strings.Contains(out.String(), "old C++ ABI") {
		t.Errorf("the reason is not told: %q", out.String())
	}
	if err == nil || !strings.Contains(err.Error(), "apt-get install") {
		t.Errorf("got %v, want the command to install libtorch", err)
	}
	if _, err := pick(t.Context(), h, "python", &out); err == nil || !strings.Contains(err.Error(), "old C++ ABI") {
		t.Errorf("asked for Python's: got %v, want the old ABI refused", err)
	}
	if _, err := pick(t.Context(), h, "conda", &out); err == nil {
		t.Error("a source that is not known was accepted")
	}
}

func TestSystemInstallsWhatIsMissing(t *testing.T) {
	t.Parallel()
	lib := "/usr/lib/x86_64-linux-gnu"
	have := map[string]string{"gcc": "x86_64-linux-gnu", "apt-get": "", "sudo": ""}
	for name, c := range map[string]struct {
		host *tableHost
		want string
	}{
		"root":            {&tableHost{answers: have, root: true}, "apt-get install -y"},
		"sudo":            {&tableHost{answers: have}, "sudo -n apt-get install -y"},
		"only slow BLAS":  {&tableHost{answers: have, root: true, paths: []string{"/usr/include/torch", lib + "/libtorch_cpu.so"}}, "apt-get install -y"},
		"nothing missing": {&tableHost{answers: have, root: true, paths: []string{"/usr/include/torch", lib + "/libtorch_cpu.so", lib + "/openblas-openmp/libblas.so.3"}}, ""},
	} {
		_, _ = system(t.Context(), c.host, io.Discard)
		i := slices.IndexFunc(c.host.ran, func(s string) bool { return strings.Contains(s, "apt-get install") })
		if got := i >= 0; got != (c.want != "") || got && !strings.HasPrefix(c.host.ran[i], c.want) {
			t.Errorf("%s: ran %q, want %q", name, c.host.ran, c.want)
		}
	}
}

func TestDescribeRefuses(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	bare := t.TempDir()
	writeFile(t, filepath.Join(bare, "lib", "libtorch_cpu.so"), "")
	old := strings.Replace(strings.Replace(version213, "MAJOR 2", "MAJOR 1", 1), "MINOR 1", "MINOR 12", 1)
	for root, want := range map[string]string{
		empty:                           "LIBTORCH must name a folder",
		bare:                            "has no headers",
		fakeTorch(t, old, true):         "too old",
		fakeTorch(t, "//", true):        "does not say which libtorch",
		fakeTorch(t, version213, false): "old C++ ABI",
	} {
		_, err := describe(realHost{}, root, filepath.Join(root, "lib"), "named by $LIBTORCH")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestDescribeReadsTheNewerVersionHeader(t *testing.T) {
	t.Parallel()
	root := fakeTorch(t, "#include <torch/headeronly/version.h>\n", true)
	writeFile(t, filepath.Join(root, "include", "torch", "headeronly", "version.h"), version213)
	writeFile(t, filepath.Join(root, "include", "ATen", "ATen.h"), "#if !defined(_MSC_VER) && __cplusplus < 202002L\n")
	lib, err := describe(realHost{}, root, filepath.Join(root, "lib"), "test")
	if err != nil || lib.Version != "2.1.3" || lib.standard() != "c++20" {
		t.Errorf("got %+v, %v, want 2.1.3 and c++20", lib, err)
	}
}

func TestParseStandard(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{"": "", "__cplusplus < 201402L": "", "__cplusplus < 201703L": "", "__cplusplus < 202002L": "c++20", "__cplusplus < 202302L": "c++23"} {
		if got := parseStandard(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

func TestAtLeast(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{"1.12.1": false, "1.13.0": true, "2.0.0": true, "0.20.0": false, "2": false, "": false} {
		if got := atLeast(version, 1, 13); got != want {
			t.Errorf("%q: got %v, want %v", version, got, want)
		}
	}
}

// TestDescribeTellsACUDABuild: whether the GPU can be used at all hangs on one file.
func TestDescribeTellsACUDABuild(t *testing.T) {
	t.Parallel()
	dir := fakeTorch(t, version213, true)
	lib := filepath.Join(dir, "lib")
	for _, want := range []bool{false, true} {
		if want {
			writeFile(t, filepath.Join(lib, "libtorch_cuda.so"), "")
		}
		if got, err := describe(&tableHost{}, dir, lib, "a test"); err != nil || got.CUDA != want {
			t.Errorf("got CUDA %v, %v, want %v", got.CUDA, err, want)
		}
	}
}

// TestPythonTorchIsWhole: a package that holds links or half a libtorch is none to build with.
func TestPythonTorchIsWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files []string
		whole bool
	}{
		"whole":       {[]string{"lib/libtorch_cpu.so", "include/torch/all.h"}, true},
		"no headers":  {[]string{"lib/libtorch_cpu.so", "include/ATen/ATen.h"}, false},
		"no library":  {[]string{"include/torch/all.h"}, false},
		"not a torch": {nil, false},
	} {
		dir, want := t.TempDir(), ""
		for _, file := range c.files {
			writeFile(t, filepath.Join(dir, file), "")
		}
		if c.whole {
			want = dir
		}
		if got := pythonTorch(t.Context(), &tableHost{answers: map[string]string{"python3": dir + "\n"}}); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := pythonTorch(t.Context(), &tableHost{answers: map[string]string{"python3": "\n"}}); got != "" {
		t.Errorf("no torch in Python: got %q", got)
	}
}
