package synth

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vertebra/stages/internal/dicom"
)

// tree hashes every file's name and content.
func tree(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		fmt.Fprintln(h, name, len(data))
		h.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestEqualOptionsGiveEqualBytes(t *testing.T) {
	o := Options{Seed: 3, Studies: len(defects), Size: 48, Defects: DefectNames()}
	var trees []string
	for _, seed := range []uint64{3, 3, 4} {
		dir := t.TempDir()
		o.Seed = seed
		s, err := Write(t.Context(), dir, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Planted) != len(defects) {
			t.Errorf("%d defects are planted, want %d", len(s.Planted), len(defects))
		}
		trees = append(trees, tree(t, dir))
	}
	if trees[0] != trees[1] || trees[0] == trees[2] {
		t.Errorf("hashes of seeds 3, 3, 4: %v", trees)
	}
}

func TestFolders(t *testing.T) {
	dir, o := t.TempDir(), Options{Seed: 1, Studies: 1, Size: 48}
	first, err := Write(t.Context(), dir, o)
	if err != nil || first.Already {
		t.Fatal(err, first)
	}
	if again, err := Write(t.Context(), dir, o); err != nil || !again.Already || again.Files != first.Files {
		t.Errorf("again: %+v, %v", again, err)
	}
	o.Studies = 2
	if other, err := Write(t.Context(), dir, o); err != nil || other.Already || other.Studies != 2 {
		t.Errorf("with other options: %+v, %v", other, err)
	}
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), foreign, o); err == nil || !strings.Contains(err.Error(), "was not made by synth") {
		t.Errorf("a folder of somebody else's: %v", err)
	}
	if _, err := Write(t.Context(), t.TempDir(), Options{Studies: 1, Size: 48, Defects: []string{"gremlins"}}); err == nil || !strings.Contains(err.Error(), "missing_file") {
		t.Errorf("an unknown defect: %v, want the list of those there are", err)
	}
}

// TestSeverityIsVisible measures the width of what is bright around each point
// and guesses the severity from it alone.
func TestSeverityIsVisible(t *testing.T) {
	right, n := 0, 0
	for i := range 6 {
		s := newStudy(Options{Seed: 9, Size: 112}, i)
		for _, p := range s.points {
			sl, se := s.slice(p), s.of(kindOf(p))
			v := sl.scene.render(sl, se.colSpacing, se.rowSpacing)
			width := 0.0
			for x := -12; x <= 12; x++ {
				column := int(p.x+0.5) + x
				at := (int(p.y+0.5))*sl.columns + column
				if column >= 0 && column < sl.columns && v[at] > 0.6 {
					width += se.colSpacing
				}
			}
			guess := 0
			for label := range widths {
				if abs(width-widths[label]) < abs(width-widths[guess]) {
					guess = label
				}
			}
			n++
			if guess == s.labels[p.row] {
				right++
			}
		}
	}
	if share := float64(right) / float64(n); share < 0.75 {
		t.Errorf("the width tells the severity of %.2f of %d points", share, n)
	}
}

func kindOf(p point) string {
	return [...]string{kindT2, kindT1, kindT1, kindAxial, kindAxial}[p.row.condition]
}

func abs(v float64) float64 { return max(v, -v) }

// TestFilesReadBack: signed and unsigned series, both byte layouts, both
// photometric interpretations.
func TestFilesReadBack(t *testing.T) {
	dir := t.TempDir()
	if _, err := Write(t.Context(), dir, Options{Seed: 2, Studies: 6, Size: 48}); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "train_images", "*", "*", "*.dcm"))
	kinds := map[string]bool{}
	for _, path := range files {
		img, err := dicom.ReadImage(path)
		if err != nil {
			t.Fatal(err)
		}
		kinds[fmt.Sprint("signed ", img.Signed)] = true
		kinds[img.Photometric] = true
		kinds[img.TransferSyntax] = true
		low, high := img.Pixels[0], img.Pixels[0]
		for _, v := range img.Pixels {
			low, high = min(low, v), max(high, v)
		}
		if high-low < 100 {
			t.Errorf("%s spans only %v", path, high-low)
		}
	}
	if len(files) != 6*20 || !kinds["signed true"] || !kinds["signed false"] || len(kinds) < 5 {
		t.Errorf("%d files of the kinds %v", len(files), kinds)
	}
}
