package files

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// empty makes files without content.
func empty(t *testing.T, root string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNamesOfImages: their endings, and what is left without them.
func TestNamesOfImages(t *testing.T) {
	t.Parallel()
	for name, stem := range map[string]string{
		"a.png": "a", "a.JPEG": "a", "a/b.c.dcm": "b.c", "heart.nii.gz": "heart", "heart.nii": "heart", "IM000001": "IM000001",
		"1.2.840.113619.7": "1.2.840.113619.7", "scan.IMA": "scan",
	} {
		if !IsImage(name) || Stem(name) != stem {
			t.Errorf("%s: image %v, stem %q, want %q", name, IsImage(name), Stem(name), stem)
		}
	}
	for _, name := range []string{"a.txt", "a.csv", "DICOMDIR", "README", "licence", "a.npy", "a.mha"} {
		if IsImage(name) {
			t.Errorf("%s is no image", name)
		}
	}
}

// TestFolder: what lies beside images is none, and a link to a folder is one.
func TestFolder(t *testing.T) {
	t.Parallel()
	root, away := t.TempDir(), t.TempDir()
	empty(t, root, "10.png", "9.png", ".hidden.png", "notes.txt", "a/1.png", ".git/x.png", "__MACOSX/1.png")
	if got, want := Images(root), []string{filepath.Join(root, "9.png"), filepath.Join(root, "10.png")}; !slices.Equal(got, want) {
		t.Errorf("images are %q, want %q", got, want)
	}
	if err := os.Symlink(away, filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	if got, err := Folders(root); err != nil || !slices.Equal(got, []string{"a", "link"}) {
		t.Errorf("folders are %q, %v", got, err)
	}
	if got := Images(root); len(got) != 2 { // a link to a folder has no ending, as DICOM files have none
		t.Errorf("images are %q", got)
	}
	if _, err := Folders(filepath.Join(root, "none")); err == nil {
		t.Error("a folder that is not there has none")
	}
}

// TestThere: a frame is there where its file is.
func TestThere(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	empty(t, root, "heart.dcm")
	for name, want := range map[string]bool{"heart.dcm": true, "heart.dcm#3": true, "heart.dcm#x": false, "lung.dcm": false, "lung.dcm#1": false, "": true} {
		if got := There(filepath.Join(root, name)); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	_, err := os.ReadFile(filepath.Join(root, "none"))
	if got := NotThere("data/none", err).Error(); got != "data/none is not there" {
		t.Errorf("got %q", got)
	}
}
