package stage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A new file has the rights of any other new one, whatever the umask of who runs the tests is.
func TestCreateTemp(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	plain, err := os.Create(filepath.Join(folder, "plain"))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	want, err := plain.Stat()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for range 20 {
		f, err := CreateTemp(folder, ".new-*.html")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil || info.Mode() != want.Mode() {
			t.Errorf("got the rights %v, want %v; %v", info.Mode(), want.Mode(), err)
		}
		if base := filepath.Base(f.Name()); names[base] || !strings.HasPrefix(base, ".new-") || !strings.HasSuffix(base, ".html") {
			t.Errorf("got the name %s", base)
		}
		names[filepath.Base(f.Name())] = true
	}
	if f, err := CreateTemp(filepath.Join(folder, "none"), "a"); err == nil {
		t.Errorf("made %s", f.Name())
	}
}
