package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// fakeHost answers commands from a table.
type fakeHost struct {
	commands map[string]string // by the beginning of the command line
	files    map[string]bool
	env      map[string]string
	root     bool
	ran      *[]string
}

func (h fakeHost) Run(_ context.Context, name string, args ...string) (string, error) {
	line := name + " " + strings.Join(args, " ")
	if h.ran != nil {
		*h.ran = append(*h.ran, line)
	}
	for prefix, out := range h.commands {
		if strings.HasPrefix(line, prefix) {
			return out, nil
		}
	}
	return "", errors.New(name + ": not found")
}
func (h fakeHost) Exists(path string) bool {
	return h.files[path] || realHost{}.Exists(path) && strings.HasPrefix(path, os.TempDir())
}
func (h fakeHost) Getenv(name string) string { return h.env[name] }
func (h fakeHost) Root() bool                { return h.root }

const source = `void atg_add(tensor *out__, tensor self) {
  PROTECT(
    auto outputs__ = torch::add(*self);
    out__[0] = new torch::Tensor(outputs__);
  )
}
void atg_newer(tensor *out__, tensor self) {
  PROTECT(
    auto outputs__ = torch::newer(*self, (1));
    out__[0] = new torch::Tensor(outputs__);
  )
}
`

func TestWrappers(t *testing.T) {
	all := findWrappers(source)
	want := []absent{{"atg_add", 2, 5}, {"atg_newer", 8, 11}}
	if !reflect.DeepEqual(all, want) {
		t.Fatalf("got %v, want %v", all, want)
	}
	if w, ok := enclosing(all, 9); !ok || w.Operator != "atg_newer" {
		t.Errorf("line 9 lies in %v, %v", w, ok)
	}
	if _, ok := enclosing(all, 7); ok {
		t.Error("line 7 lies in a wrapper")
	}
}

func TestCompilerOutput(t *testing.T) {
	lines, other := parseErrors("x/" + generated + ":9:24: error: ‘newer’ is not a member of ‘torch’\n" +
		"x/" + generated + ":9:24: note: suggested\nx/" + generated + ":9:30: error: again\n/usr/include/a.h:3:1: error: odd\n")
	if !reflect.DeepEqual(lines, []int{9}) || !strings.Contains(other, "a.h:3:1") {
		t.Errorf("got %v, %q", lines, other)
	}
}

// TestHeaderSwitchesAWrapperOff with a real compiler: the listed wrapper reports,
// the other one works, although it names what does not exist.
func TestHeaderSwitchesAWrapperOff(t *testing.T) {
	if _, err := exec.LookPath("g++"); err != nil {
		t.Fatal("no g++: ", err)
	}
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	put("torch_api.h", "#include <cstring>\n#include <exception>\nstatic char *torch_last_err;\n#define PROTECT(x) x\n")
	put(generated, "int good() {\n  PROTECT(\n    throw 1;\n  )\n  return torch_last_err != nullptr;\n}\nint bad() {\n  PROTECT(\n    no_such_function(1, 2);\n  )\n  return strstr(torch_last_err, \"1.13\") != nullptr;\n}\n")
	main := put("main.cpp", "#include \""+generated+"\"\nint main() { return good() && bad() ? 0 : 1; }\n")
	header := put("gotch.h", protect([]absent{{"atg_bad", 8, 10}}, "1.13"))
	program := filepath.Join(dir, "program")
	if out, err := exec.Command("g++", "-include", header, "-I"+dir, "-o", program, main).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := exec.Command(program).Run(); err != nil {
		t.Error(err)
	}
}

func TestVersion(t *testing.T) {
	if got := parseVersion("#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 11\n#define TORCH_VERSION_PATCH 0\n"); got != "2.11.0" {
		t.Errorf("got %q", got)
	}
}

func TestOldABI(t *testing.T) {
	if oldABINames([]string{"_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_stringIcEE"}) || !oldABINames([]string{"_ZN3c105ErrorC1ENS_14SourceLocationESs"}) {
		t.Error("the ABIs are taken for each other")
	}
}

// TestMessages: each says what is missing and what mends it.
func TestMessages(t *testing.T) {
	gcc := map[string]string{"gcc": "x86_64-linux-gnu\n"}
	apt := map[string]string{"gcc": "x86_64-linux-gnu\n", "apt-get --version": "apt"}
	nobody := t.TempDir()
	if err := os.MkdirAll(filepath.Join(nobody, "lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(nobody, "lib", "libtorch_cpu.so"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		host fakeHost
		from string
		want []string
	}{
		"no compiler":  {fakeHost{}, "", []string{"no C++ compiler", "apt-get install -y gcc g++ make"}},
		"no apt":       {fakeHost{commands: gcc}, "", []string{"no apt-get", "pip install torch"}},
		"no root":      {fakeHost{commands: apt}, "", []string{"needs root", "apt-get install -y -q libtorch-dev libopenblas0-pthread"}},
		"no python":    {fakeHost{commands: gcc}, "python", []string{"python3 has no torch", "pip install torch"}},
		"not known":    {fakeHost{}, "conda", []string{`"conda" is not known`}},
		"empty folder": {fakeHost{env: map[string]string{"LIBTORCH": "/nowhere"}}, "", []string{"/nowhere/lib/libtorch_cpu.so", "include/ and lib/"}},
		"no headers":   {fakeHost{env: map[string]string{"LIBTORCH": nobody}}, "", []string{"has no headers", "libtorch-dev"}},
	} {
		_, err := pick(t.Context(), c.host, c.from, &strings.Builder{})
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
	}
}

func TestRootInstallsBothPackages(t *testing.T) {
	var ran []string
	h := fakeHost{commands: map[string]string{"apt-get": ""}, root: true, ran: &ran}
	if err := install(t.Context(), h, &strings.Builder{}); err != nil {
		t.Fatal(err)
	}
	want := []string{"apt-get --version", "apt-get update -q", "apt-get install -y -q libtorch-dev libopenblas0-pthread"}
	if !reflect.DeepEqual(ran, want) {
		t.Errorf("ran %q, want %q", ran, want)
	}
}

func TestWrittenSetupIsUpToDateUntilSomethingChanges(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	out, b := t.TempDir(), build{Recipe: recipe, Lib: libtorch{Version: "2.11.0", LibDir: "/l", Include: "/i"}}
	if upToDate(out, b) {
		t.Error("nothing was written yet")
	}
	if err := write(out, b, nil); err != nil {
		t.Fatal(err)
	}
	if !upToDate(out, b) {
		t.Error("what was just written is not up to date")
	}
	b.Stamp = "another file"
	if upToDate(out, b) {
		t.Error("another libtorch is taken for the same")
	}
	text, _ := os.ReadFile(filepath.Join(out, "env"))
	if !strings.Contains(string(text), "export CGO_LDFLAGS='") || !strings.Contains(string(text), "-Wl,-rpath,/l") {
		t.Errorf("env is %s", text)
	}
}

func FuzzCompilerOutput(f *testing.F) {
	f.Add("a:1:2: error: x\n")
	f.Fuzz(func(_ *testing.T, s string) { parseErrors(s); findWrappers(s) })
}
