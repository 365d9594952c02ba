package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestBundle: a program of a bundle runs in an empty environment with the bundle's libraries alone, also
// through a link from elsewhere and after the bundle was moved.
func TestBundle(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ldd"); err != nil {
		t.Skip("there is no ldd")
	}
	folder := filepath.Join(t.TempDir(), "a bundle")
	var said bytes.Buffer
	if err := bundle(t.Context(), realHost{}, "/bin/cat", folder, &said); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(said.String(), "setup: cat and ") {
		t.Errorf("said %q", said.String())
	}
	moved, link := folder+" moved", filepath.Join(t.TempDir(), "kitten")
	if err := os.Rename(folder, moved); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(moved, "cat"), link); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(link, "/proc/self/maps", "/proc/self/cmdline")
	cmd.Env = []string{"PATH=/usr/bin:/bin"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name := range strings.Lines(string(out)) {
		if strings.Contains(name, ".so") && strings.Contains(name, "/") && !strings.Contains(name, moved) {
			t.Errorf("it loads from elsewhere: %s", name)
		}
	}
	if !strings.Contains(string(out), filepath.Join(moved, "lib", "libc.so.6")) {
		t.Errorf("it does not load the bundle's libc:\n%s", out)
	}
	if err := bundle(t.Context(), realHost{}, "/bin/cat", moved, &said); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("over a folder that is there: %v", err)
	}
}

// TestBundledLibraries: what ldd names, what is opened later, and what lies beside libraries of Python
// packages; one that is not there is named.
func TestBundledLibraries(t *testing.T) {
	t.Parallel()
	packages := filepath.Join(t.TempDir(), "site-packages", "torch", "lib")
	if err := os.MkdirAll(packages, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"libtorch.so", "libc10_cuda.so", "libcudnn_ops.so.9", "libtorch_python.so", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(packages, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const loader = "\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n"
	h := fakeHost{commands: map[string]string{
		"ldd bin/runner":  "\tlinux-vdso.so.1 (0x00007f)\n\tlibtorch.so => " + packages + "/libtorch.so (0x00007f)\n\tlibc.so.6 => /lib/libc.so.6 (0x00007f)\n" + loader,
		"ldd " + packages: "\tlibcudart.so.13 => /usr/lib/libcudart.so.13 (0x00007f)\n",
		"ldconfig -p":     "\tlibopenjp2.so.7 (libc6,x86-64) => /usr/lib/libopenjp2.so.7\n\tlibother.so\n",
	}}
	files, name, err := libraries(t.Context(), h, "bin/runner")
	if err != nil || name != "ld-linux-x86-64.so.2" {
		t.Fatalf("loader %q, %v", name, err)
	}
	var got []string
	for name, path := range files {
		got = append(got, name+" "+strings.TrimPrefix(path, packages+"/"))
	}
	slices.Sort(got)
	want := []string{
		"ld-linux-x86-64.so.2 /lib64/ld-linux-x86-64.so.2", "libc.so.6 /lib/libc.so.6", "libc10_cuda.so libc10_cuda.so", "libcudart.so.13 /usr/lib/libcudart.so.13",
		"libcudnn_ops.so.9 libcudnn_ops.so.9", "libopenjp2.so.7 /usr/lib/libopenjp2.so.7", "libtorch.so libtorch.so",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	h.commands["ldd bin/runner"] = "\tlibc10.so => not found\n" + loader
	if _, _, err := libraries(t.Context(), h, "bin/runner"); err == nil || !strings.Contains(err.Error(), "bin/runner wants libc10.so, which is not there") {
		t.Errorf("got %v", err)
	}
	h.commands["ldd bin/runner"] = "\tnot a dynamic executable\n"
	if _, _, err := libraries(t.Context(), h, "bin/runner"); err == nil || !strings.Contains(err.Error(), "no loader") {
		t.Errorf("got %v", err)
	}
}
