package audit

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestLeaksOfGroups: the leak check of folders speaks of groups.
func TestLeaksOfGroups(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, name := range []string{"a/p1/1.png", "a/p1/2.png", "b/p2/1.png", "b/p2/2.png", "a/p3/1.png", "b/p3/2.png"} {
		picture(t, filepath.Join(dir, name), noise(i))
	}
	for by, want := range map[string]string{"study": "no group, no image is in two splits", rowByRow: "where cases of one group resemble each other"} {
		cfg := folders(t, dir)
		cfg.Split.By = by
		kept := &keeper{}
		if _, err := Run(t.Context(), environment(kept), cfg); err != nil {
			t.Fatal(err)
		}
		if got := kept.fact("leak check"); !strings.Contains(got, want) || strings.Contains(got, "stud") {
			t.Errorf("by %s: got %q, want %q", by, got, want)
		}
		if kept.fact("groups") != "3" {
			t.Errorf("got %q groups, want 3", kept.fact("groups"))
		}
	}
}
