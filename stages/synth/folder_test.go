package synth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestForeignFolderIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine := filepath.Join(dir, "thesis.txt")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Write(t.Context(), dir, tiny)
	if err == nil || !strings.Contains(err.Error(), "thesis.txt") || !strings.Contains(err.Error(), "hint: name a new or empty folder") {
		t.Errorf("got %v, want it to name the file and say what to do", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the folder holds %d entries, want only the one that was there", len(entries))
	}
}

func TestSecondWriteFindsTheFirst(t *testing.T) {
	t.Parallel()
	dir, first := written(t, tiny)
	before := treeHash(t, dir)
	again, err := Write(t.Context(), dir, tiny)
	if err != nil || !again.Already {
		t.Fatalf("got %+v, %v; want it already there", again, err)
	}
	if again.Classes != first.Classes || again.Files != first.Files {
		t.Errorf("got %+v, want the first summary %+v", again, first)
	}
	if treeHash(t, dir) != before {
		t.Error("finding a data set changed it")
	}
}

func TestDamagedDataSetIsWrittenAnew(t *testing.T) {
	t.Parallel()
	dir, _ := written(t, tiny)
	before := treeHash(t, dir)
	files, _ := filepath.Glob(filepath.Join(dir, "train_images", "*", "*", "*.dcm"))
	for what, damage := range map[string]func() error{
		"an image is gone":     func() error { return os.Remove(files[0]) },
		"a table is gone":      func() error { return os.Remove(filepath.Join(dir, "sample_submission.csv")) },
		"the write was cut":    func() error { return folder(dir).mark(state{Version: version, Options: tiny.filled()}) },
		"the version is older": func() error { return folder(dir).mark(state{Version: 1, Done: true, Options: tiny.filled()}) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if s, err := Write(t.Context(), dir, tiny); err != nil || s.Already {
			t.Errorf("%s: got %+v, %v; want it written", what, s, err)
		}
		if treeHash(t, dir) != before {
			t.Errorf("%s: the folder was not made whole", what)
		}
	}
}

// Other options replace a data set, and nothing that somebody put beside it.
func TestOtherOptionsReplace(t *testing.T) {
	t.Parallel()
	dir, _ := written(t, tiny)
	mine := filepath.Join(dir, "additional_drop.csv")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	other := tiny
	other.Seed, other.Studies = 8, 1
	if _, err := Write(t.Context(), dir, other); err != nil {
		t.Fatal(err)
	}
	if studies, _ := os.ReadDir(filepath.Join(dir, "train_images")); len(studies) != 1 {
		t.Errorf("%d studies are there, want 1", len(studies))
	}
	if _, err := os.Stat(mine); err != nil {
		t.Errorf("a file beside the data set is gone: %v", err)
	}
}

// Images that train.csv does not name are not ours to delete.
func TestUnknownImagesAreKept(t *testing.T) {
	t.Parallel()
	dir, _ := written(t, tiny)
	if err := os.MkdirAll(filepath.Join(dir, "train_images", "44036939"), 0o755); err != nil {
		t.Fatal(err)
	}
	other := tiny
	other.Seed = 8
	_, err := Write(t.Context(), dir, other)
	if err == nil || !strings.Contains(err.Error(), "44036939") {
		t.Errorf("got %v, want it to refuse and name the study", err)
	}
	if s, ok, err := folder(dir).holds(tiny.filled()); err != nil || !ok {
		t.Errorf("after the refusal: %+v, %v, %v; want the first data set untouched", s, ok, err)
	}
}

// A synth.json of somebody else's does not make a folder ours.
func TestForeignMarker(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"Ver`, `{"volume": 3}`, ``} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, marker), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Write(t.Context(), dir, tiny); err == nil || !strings.Contains(err.Error(), "was not made by synth") {
			t.Errorf("%q: got %v, want a refusal", text, err)
		}
	}
}
