package synth

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var tinyWithTest = Options{Seed: 7, Studies: 3, Size: 64, Slices: 7, Test: 2, Gaps: 0.1}

// The part test changes nothing of train: neither its images nor its tables.
func TestPartTestLeavesTrainAlone(t *testing.T) {
	t.Parallel()
	dir, s := written(t, tinyWithTest)
	alone := tinyWithTest
	alone.Test = 0
	other, _ := written(t, alone)
	images := func(dir string) string { return treeHash(t, filepath.Join(dir, "train_images")) }
	if images(dir) != images(other) {
		t.Error("other images")
	}
	for _, name := range train.tables()[:3] {
		a, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.Join(other, name)); err != nil || string(a) != string(b) {
			t.Errorf("%s differs: %v", name, err)
		}
	}
	if s.Studies != 3 || s.Test == nil || s.Test.Studies != 2 || s.Test.Series != 6 {
		t.Errorf("got %+v, %+v", s, s.Test)
	}
}

// More studies of either part leave the test ones as they are.
func TestMoreStudiesKeepTheFirstOfTest(t *testing.T) {
	t.Parallel()
	opt := tinyWithTest.filled()
	few := newTestStudies(opt, newStudies(opt))
	opt.Studies, opt.Test = 5, 4
	many := newTestStudies(opt, newStudies(opt))
	for i := range few {
		a := slices.Concat(solutionTable(few[i:i+1]), pointTable(few[i:i+1]))
		b := slices.Concat(solutionTable(many[i:i+1]), pointTable(many[i:i+1]))
		if !slices.EqualFunc(a, b, slices.Equal) {
			t.Errorf("test study %d changed with the number of studies", i)
		}
	}
}

// The tables of the part test fit each other and its images.
func TestLayoutOfPartTest(t *testing.T) {
	t.Parallel()
	dir, s := written(t, tinyWithTest)
	table := func(name string) [][]string { return readTable(t, filepath.Join(dir, name)) }
	sample, solution := table("sample_submission.csv"), table("test_solution.csv")
	if len(sample) != 51 || len(solution) != 51 || !slices.Equal(solution[0], []string{"row_id", "normal_mild", "moderate", "severe", "sample_weight"}) {
		t.Fatalf("%d rows of the sample, %d of the solution: %v", len(sample), len(solution), solution[0])
	}
	ids := make([]string, 50)
	unlabelled := 0
	for i, row := range solution[1:] {
		ids[i] = row[0]
		if sample[i+1][0] != row[0] || sample[i+1][3] != "0.3333333333333333" {
			t.Errorf("row %d: %v in the sample, %v in the solution", i, sample[i+1], row)
		}
		switch strings.Join(row[1:], " ") {
		case "1 0 0 1", "0 1 0 2", "0 0 1 4":
		case "0 0 0 0":
			unlabelled++
		default:
			t.Errorf("solution: %v", row)
		}
	}
	points := table("test_label_coordinates.csv")
	if !slices.IsSorted(ids) || unlabelled == 0 || unlabelled+len(points)-1 != 50 || s.Test.Points != len(points)-1 {
		t.Errorf("%d rows without label, %d points, summary %+v", unlabelled, len(points)-1, s.Test)
	}
	series := map[string]bool{}
	for _, row := range table("test_series_descriptions.csv")[1:] {
		series[row[0]+"/"+row[1]] = true
	}
	folders, _ := filepath.Glob(filepath.Join(dir, "test_images", "*", "*"))
	if len(folders) != 6 || len(series) != 6 {
		t.Errorf("%d folders of series, %d in the table, want 6", len(folders), len(series))
	}
	for _, p := range points[1:] {
		if _, err := os.Stat(filepath.Join(dir, "test_images", p[0], p[1], p[2]+".dcm")); err != nil || !series[p[0]+"/"+p[1]] {
			t.Errorf("the image of a point: %v", err)
		}
		if id := p[0] + "_" + key(p[3]) + "_" + key(p[4]); !slices.Contains(ids, id) {
			t.Errorf("a point of %s, which is no row", id)
		}
	}
	trained := table("train.csv")
	for _, row := range trained[1:] {
		if _, err := os.Stat(filepath.Join(dir, "test_images", row[0])); err == nil {
			t.Errorf("study %s is in both parts", row[0])
		}
	}
}

// A part test is found, made whole, and taken away as train is, and nothing of others.
func TestFolderOfPartTest(t *testing.T) {
	t.Parallel()
	dir, first := written(t, tinyWithTest)
	before := treeHash(t, dir)
	if s, err := Write(t.Context(), dir, tinyWithTest); err != nil || !s.Already || s.Test.Files != first.Test.Files {
		t.Fatalf("got %+v, %v; want it already there", s, err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "test_images", "*", "*", "*.dcm"))
	for _, gone := range []string{files[3], filepath.Join(dir, "test_solution.csv")} {
		if err := os.Remove(gone); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(gone, ".csv") { // whose studies are they now?
			_, err := Write(t.Context(), dir, tinyWithTest)
			if err == nil || !strings.Contains(err.Error(), "test_images holds") {
				t.Errorf("got %v, want it to name the folder", err)
			}
			continue
		}
		if s, err := Write(t.Context(), dir, tinyWithTest); err != nil || s.Already || treeHash(t, dir) != before {
			t.Errorf("without %s: %+v, %v; want it made whole", gone, s, err)
		}
	}
}

func TestPartTestIsTakenAway(t *testing.T) {
	t.Parallel()
	dir, _ := written(t, tinyWithTest)
	alone := tinyWithTest
	alone.Test = 0
	if _, err := Write(t.Context(), dir, alone); err != nil {
		t.Fatal(err)
	}
	fresh, _ := written(t, alone)
	if treeHash(t, dir) != treeHash(t, fresh) {
		t.Error("something of the part test stayed")
	}
	if _, err := os.Stat(filepath.Join(dir, "test_images")); err == nil {
		t.Error("an empty folder test_images stayed")
	}
	mine := filepath.Join(dir, "test_images", "44036939")
	if err := os.MkdirAll(mine, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "test_solution.csv"), []byte("44036939_x,mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), dir, tinyWithTest); err == nil || !strings.Contains(err.Error(), "44036939") {
		t.Errorf("got %v, want it to leave somebody's test_images alone", err)
	}
	alone.Seed++
	if _, err := Write(t.Context(), dir, alone); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error("somebody's test_images are gone")
	}
	if _, err := os.Stat(filepath.Join(dir, "test_solution.csv")); err != nil {
		t.Error("somebody's test_solution.csv is gone")
	}
}
