package audit

import (
	"path/filepath"
	"testing"
)

// TestBelow wants what filepath.Rel says, however a path is written.
func TestBelow(t *testing.T) {
	t.Parallel()
	for _, root := range []string{"/data", "/data/", "data", "./data", "../data", ".", "/", ""} {
		for _, rest := range []string{"a.dcm", "a/b.dcm", "a//b.dcm", "a/./b", "a/../b", "../b", ".hidden/b", "a/.b", "a/", "/a", "", "a/b#3"} {
			for _, path := range []string{root + "/" + rest, filepath.Join(root, rest), root + rest} {
				want, err := filepath.Rel(root, path)
				if err != nil {
					want = path
				}
				if got := below(root, filepath.Clean(root)+"/", path); got != want {
					t.Errorf("%q below %q: got %q, want %q", path, root, got, want)
				}
			}
		}
	}
}
