package draft

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/index"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// TestGuessIndex: nothing names DICOM files of an archive, which init says; with labels beside
// their index it reads both.
func TestGuessIndex(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if _, err := synth.Write(t.Context(), filepath.Join(root, "x"), synth.Options{Seed: 1, Studies: 2, Size: 64}); err != nil {
		t.Fatal(err)
	}
	env := stage.Env{Recorder: stage.Discard, Workers: 2}
	rows, _, err := index.DICOM(t.Context(), env, filepath.Join(root, "x/train_images"), filepath.Join(root, "x"))
	if err != nil {
		t.Fatal(err)
	}
	patients := map[string]bool{}
	for _, row := range rows {
		patients[row[1]] = true
	}
	inner := filepath.Join(root, "x/train_images")
	if _, err := Look(filepath.Dir(filepath.Dir(filepath.Join(root, "x", rows[0][0])))); err == nil {
		t.Error("the folder of a study is no data set")
	}
	text := strings.Join(index.Columns, ",") + "\n"
	for _, row := range rows {
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
	g, err := Look(filepath.Join(inner, "index.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if got := g.Source.Part.(audit.Table); got.Series != "SeriesInstanceUID" || got.Group != "PatientID" || g.Sample != "series" || len(got.Join) != 1 || got.Labels[0] != "diagnosis" || g.Slices < 2 {
		t.Errorf("got %+v and %+v", got, g)
	}
	// Only some of the series that the archive gave are labelled.
	labels, seen := "SeriesInstanceUID,finding\n", map[string]bool{}
	for _, row := range rows {
		if uid := row[3]; !seen[uid] && len(seen) < 4 {
			labels += uid + "," + []string{"no", "yes"}[len(seen)%2] + "\n"
			seen[uid] = true
		}
	}
	if err := os.WriteFile(filepath.Join(inner, "labels.csv"), []byte(labels), 0o644); err != nil {
		t.Fatal(err)
	}
	g, err = Look(filepath.Join(inner, "index.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if got := g.Source.Part.(audit.Table); len(got.Join) != 1 || len(got.Labels) != 1 || got.Labels[0] != "finding" {
		t.Errorf("with labels of four series: got %+v", got)
	}
}

// TestColoursOfDICOM: a folder of coloured DICOM files, as of skin, is read in colour; of an 8-bit
// grey one the range is not known.
func TestColoursOfDICOM(t *testing.T) {
	t.Parallel()
	for name, coloured := range map[string]bool{"rgb8": true, "jpeg50-rgb8": true, "ybr-full": true, "grey8": false, "grey12": false} {
		content, err := os.ReadFile("../internal/dicom/testdata/syntaxes/" + name + ".dcm")
		if err != nil {
			t.Fatal(err)
		}
		root := t.TempDir()
		for _, path := range []string{"a/1.dcm", "a/2.dcm", "b/1.dcm", "b/2.dcm"} {
			path = filepath.Join(root, path)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		g, err := Look(root)
		if err != nil || g.Colour != coloured || g.Bytes != coloured {
			t.Errorf("%s: colour %v, bytes %v, %v; want %v", name, g.Colour, g.Bytes, err, coloured)
		}
	}
}
