package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestWalk goes through links to folders, and round no circle twice.
func TestWalk(t *testing.T) {
	t.Parallel()
	root, away := t.TempDir(), t.TempDir()
	empty(t, root, "a/1.png", "top.png")
	empty(t, away, "2.png", "deep/3.png")
	for link, to := range map[string]string{"a/away": away, "a/circle": root, "a/file.png": filepath.Join(away, "2.png"), "a/nowhere": filepath.Join(away, "none"), "a/.hidden": away} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(away, filepath.Join(away, "deep", "back")); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := Walk(root, func(path string, e fs.DirEntry, err error) error {
		if below, failed := filepath.Rel(root, path); failed == nil && !e.IsDir() {
			got = append(got, below)
		}
		return err
	})
	slices.Sort(got)
	if want := []string{"a/.hidden", "a/1.png", "a/away/2.png", "a/away/deep/3.png", "a/file.png", "a/nowhere", "top.png"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
