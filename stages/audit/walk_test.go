package audit

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestWalk goes through links to folders, and round no circle twice.
func TestWalk(t *testing.T) {
	t.Parallel()
	root, away := alone(t), alone(t)
	files(t, root, map[string]string{"a/1.png": "", "top.png": ""})
	files(t, away, map[string]string{"2.png": "", "deep/3.png": ""})
	for link, to := range map[string]string{"a/away": away, "a/circle": root, "a/file.png": filepath.Join(away, "2.png"), "a/nowhere": filepath.Join(away, "none"), "a/.hidden": away} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(away, filepath.Join(away, "deep", "back")); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := walk(root, func(path string, e fs.DirEntry, err error) error {
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

// TestLinksInClasses: images of a class may lie behind a link.
func TestLinksInClasses(t *testing.T) {
	t.Parallel()
	root, away := alone(t), pictures(t, 4)
	for _, class := range []string{"no", "yes"} {
		if err := os.MkdirAll(filepath.Join(root, class), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(away, filepath.Join(root, class, "patient")); err != nil {
			t.Fatal(err)
		}
	}
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "folders", Part: Folders{Root: registry.Path(root)}}
	cfg.Split = Split{By: "row"}
	got, err := Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
	if err != nil || len(got.Cases) != 8 || got.Dropped != nil {
		t.Errorf("%d cases, dropped %v, %v, want 8 and none", len(got.Cases), got.Dropped, err)
	}
	unseen, err := Unseen{Paths: []string{root}, Asked: stage.Questions{Classes: got.Classes}}.Read(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1})
	if err != nil || len(unseen.Cases) != 4 { // the same folder behind both links is entered once
		t.Errorf("%d images to be predicted, %v, want 4", len(unseen.Cases), err)
	}
}
