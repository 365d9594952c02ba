package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// cudaTorch is a folder like site-packages with a CUDA libtorch in it.
func cudaTorch(t *testing.T) libtorch {
	t.Helper()
	packages := t.TempDir()
	lib := filepath.Join(packages, "torch", "lib")
	writeFile(t, filepath.Join(lib, "libtorch_cpu.so"), "")
	writeFile(t, filepath.Join(packages, "nvidia", "cu13", "include", "cuda_runtime_api.h"), "")
	writeFile(t, filepath.Join(packages, "nvidia", "cu13", "lib", "libcudart.so.13"), "")
	return libtorch{Include: filepath.Join(packages, "torch", "include"), LibDir: lib, Version: "2.11.0", CUDA: true}
}

func TestPlanChoosesCUDA(t *testing.T) {
	t.Parallel()
	lib := cudaTorch(t)
	cpu := lib
	cpu.CUDA = false
	gpu := []string{"/proc/driver/nvidia/version"}
	for name, c := range map[string]struct {
		lib   libtorch
		paths []string
		cuda  string
		want  string
	}{
		"no driver":         {lib, nil, "", "no NVIDIA driver"},
		"driver":            {lib, gpu, "", "CUDA"},
		"driver of Windows": {lib, []string{"/usr/lib/wsl/lib/libcuda.so.1"}, "", "CUDA"},
		"asked for":         {lib, nil, "1", "CUDA"},
		"refused":           {lib, gpu, "0", "VERTEBRA_CUDA=0"},
		"CPU build, driver": {cpu, gpu, "", "this libtorch has no CUDA"},
		"CPU build":         {cpu, nil, "", "CPU"},
	} {
		b := plan(&tableHost{paths: c.paths}, c.lib, tools{}, c.cuda)
		if got := b.kind(); !strings.Contains(got, c.want) || b.CUDA != (c.want == "CUDA" && c.lib.CUDA) {
			t.Errorf("%s: got %q, CUDA %v, want %q", name, got, b.CUDA, c.want)
		}
	}
}

func TestIDFollowsTheBuild(t *testing.T) {
	t.Parallel()
	base := build{Recipe: recipe, Lib: libtorch{Version: "2.6.0"}, Tools: tools{CXX: "g++"}, Stamp: "1@2"}
	seen := map[string]string{base.id(): "base"}
	for name, change := range map[string]func(*build){
		"recipe": func(b *build) { b.Recipe++ }, "version": func(b *build) { b.Lib.Version = "2.7.0" }, "stamp": func(b *build) { b.Stamp = "1@3" },
		"compiler": func(b *build) { b.Tools.Compiler = "g++ 13" }, "gotch": func(b *build) { b.Tools.Gotch = "/x" },
		"cuda": func(b *build) { b.CUDA = true }, "standard": func(b *build) { b.Lib.Standard = "c++20" }, "crt": func(b *build) { b.StandIn = true },
	} {
		b := base
		change(&b)
		if other, taken := seen[b.id()]; taken {
			t.Errorf("a change of %s gives the id of %s", name, other)
		}
		seen[b.id()] = name
	}
	noted := base
	noted.Note = "for people only"
	if noted.id() != base.id() {
		t.Error("a note changed the id")
	}
}

func TestWriteThenUpToDate(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	lib := cudaTorch(t)
	b := plan(&tableHost{paths: []string{"/dev/nvidiactl"}}, lib, tools{CXX: "g++"}, "1")
	out := filepath.Join(t.TempDir(), ".libtorch")
	if upToDate(out, b) {
		t.Error("up to date before the first time")
	}
	if err := write(out, b, []absent{{"atg_x", 4, 7}}); err != nil {
		t.Fatal(err)
	}
	if !upToDate(out, b) {
		t.Error("not up to date after writing")
	}
	folder := b.folder(out)
	for name, want := range map[string]string{"libcuda.a": "!<arch>\n", "libnvToolsExt.a": "!<arch>\n", "libcudart.a": "libcudart.so.13)", "libtorch_cuda.a": "libtorch_cuda.so)"} {
		text, err := os.ReadFile(filepath.Join(folder, "stubs", name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: got %q, %v, want %q", name, text, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "cuda", "crt", "host_defines.h")); err != nil {
		t.Error(err)
	}
	changed := b
	changed.Stamp += "x"
	if upToDate(out, changed) {
		t.Error("up to date though libtorch changed")
	}
	writeFile(t, filepath.Join(out, "env"), "export CGO_CXXFLAGS=other\n")
	if upToDate(out, b) {
		t.Error("up to date though env was overwritten")
	}
}

func TestEnvCanBeSourced(t *testing.T) {
	t.Parallel()
	b := build{Lib: libtorch{Include: "/opt/torch/include", LibDir: "/opt/torch/lib", Version: "2.11.0"}, Tools: tools{CXX: "ccache g++"}}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", b.env("/f")+"printf %s \"$CXX|$CGO_LDFLAGS\"").CombinedOutput()
	if want := "ccache g++|-O2 -L/f/stubs -L/opt/torch/lib -Wl,-rpath,/opt/torch/lib"; err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

// The script puts the newer standard behind gotch's own.
func TestCompilerScript(t *testing.T) {
	t.Parallel()
	b := build{Lib: libtorch{Standard: "c++20"}, Tools: tools{CXX: "echo"}}
	folder := t.TempDir()
	if err := b.writeCompiler(folder); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), b.compiler(folder), "-std=c++17", "a b").Output()
	if want := "-std=c++17 a b -std=c++20\n"; err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

func TestEveryErrorFlag(t *testing.T) {
	t.Parallel()
	for compiler, want := range map[string]string{"g++ (Debian 12.2.0) 12.2.0": "-fmax-errors=0", "Debian clang version 14.0.6": "-ferror-limit=0"} {
		if got := (tools{Compiler: compiler}).everyError(); got != want {
			t.Errorf("%s: got %s, want %s", compiler, got, want)
		}
	}
}
