package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// TestIndex: a row for each DICOM image, whatever it is called, and none for other files.
func TestIndex(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if _, err := synth.Write(t.Context(), filepath.Join(root, "x"), synth.Options{Seed: 1, Studies: 2, Size: 64}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "x/train_images/*/*/*.dcm"))
	if err != nil || len(files) < 4 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	if err := os.Rename(files[0], filepath.Join(root, "IM000000")); err != nil {
		t.Fatal(err)
	}
	env := stage.Env{Recorder: stage.Discard, Workers: 2}
	rows, others, err := Index(t.Context(), env, root, filepath.Join(root, "x"))
	if err != nil || len(rows) != len(files) || others == 0 {
		t.Fatalf("got %d rows of %d files, %d others, %v", len(rows), len(files), others, err)
	}
	patients, series := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		if len(row) != len(IndexColumns) || row[9] == "0" {
			t.Errorf("got %q", row)
		}
		patients[row[1]], series[row[3]] = true, true
	}
	if rows[0][0] != "../IM000000" || !strings.HasPrefix(rows[1][0], "train_images/") || len(patients) != 2 || len(series) != 6 {
		t.Errorf("got %q first, %d patients, %d series", rows[0], len(patients), len(series))
	}
	if _, _, err := Index(t.Context(), env, filepath.Join(root, "none"), root); err == nil || !strings.Contains(err.Error(), "none is not there") {
		t.Errorf("got %v", err)
	}
	// Nothing names these files, which init says; with labels beside the index it reads both.
	inner := filepath.Join(root, "x/train_images")
	if _, err := GuessSource(filepath.Dir(filepath.Dir(files[1]))); err == nil {
		t.Error("the folder of a study is no data set")
	}
	text := strings.Join(IndexColumns, ",") + "\n"
	for _, row := range rows[1:] {
		text += strings.TrimPrefix(strings.Join(row, ","), "train_images/") + "\n"
	}
	labels := "PatientID,diagnosis\n"
	n := 0
	for patient := range patients {
		labels += patient + "," + []string{"no", "yes"}[n] + "\n"
		n++
	}
	if err := os.WriteFile(filepath.Join(inner, "index.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(inner, "labels.csv"), []byte(labels+"P3,no\nP4,yes\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	g, err := GuessSource(filepath.Join(inner, "index.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if got := g.Source.Part.(Table); got.Series != "SeriesInstanceUID" || got.Group != "PatientID" || g.Sample != "series" || len(got.Join) != 1 || got.Labels[0] != "diagnosis" || g.Slices < 2 {
		t.Errorf("got %+v and %+v", got, g)
	}
}
