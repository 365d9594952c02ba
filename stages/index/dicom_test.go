package index

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// TestDICOM: a row for each DICOM image, whatever it is called, and none for other files.
func TestDICOM(t *testing.T) {
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
	image, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	report := "\x08\x00\x60\x00CS\x02\x00SR" // Modality
	for name, content := range map[string]string{"report": string(image[:132]) + report, "empty.dcm": "", "zcut.dcm": string(image[:137])} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := stage.Env{Recorder: stage.Discard, Workers: 2}
	rows, others, err := DICOM(t.Context(), env, root, filepath.Join(root, "x"))
	if err != nil || len(rows) != len(files) || others.Foreign == 0 || others.Imageless["SR"] != 1 || len(others.Broken) != 2 || others.Count() != others.Foreign+3 {
		t.Fatalf("got %d rows of %d files, %+v, %v", len(rows), len(files), others, err)
	}
	if first := others.Broken[0].Error(); first != filepath.Join(root, "empty.dcm")+": the file is empty" {
		t.Errorf("the first that cannot be read is told as %q", first)
	}
	patients, series := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		if len(row) != len(Columns) || row[9] == "0" {
			t.Errorf("got %q", row)
		}
		patients[row[1]], series[row[3]] = true, true
	}
	if rows[0][0] != "../IM000000" || !strings.HasPrefix(rows[1][0], "train_images/") || len(patients) != 2 || len(series) != 6 {
		t.Errorf("got %q first, %d patients, %d series", rows[0], len(patients), len(series))
	}
	if _, _, err := DICOM(t.Context(), env, filepath.Join(root, "none"), root); err == nil || !strings.Contains(err.Error(), "none is not there") {
		t.Errorf("got %v", err)
	}
}
