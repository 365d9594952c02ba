package results

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vertebra/stages/stage"
)

func TestExportCSV(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	record(t, beginTest(t, db, "<i>x</i>,\"y\"\nz"), everything()...)
	folder := filepath.Join(t.TempDir(), "new")
	files, err := db.ExportCSV(t.Context(), folder)
	if err != nil || len(files) != len(Tables) {
		t.Fatal(files, err)
	}
	for table, want := range map[string]string{"runs": "<i>x</i>,\"y\"\nz", "scalars": "bca over 20 groups", "pictures": "0001ff", "tags": "tag",
		"events": "35 points without a label\nand a second line"} {
		text, err := os.ReadFile(filepath.Join(folder, table+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		found, names := false, rows[0]
		for _, row := range rows {
			for _, cell := range row {
				found = found || cell == want
			}
		}
		if !found || len(names) < 3 {
			t.Errorf("%s has no cell %q:\n%s", table, want, text)
		}
	}
	if parts, _ := filepath.Glob(filepath.Join(folder, "*.part")); len(parts) > 0 {
		t.Errorf("left %v", parts)
	}
}

// TestEventFile holds a file against one that TensorBoard 2's own writer made of
// the same events: testdata/make_events.py.
func TestEventFile(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("testdata/events.hex")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "run", "events")
	err = writeEvents(path, time.Unix(1_700_000_000, 250_000_000), []stage.Scalar{
		{Name: "loss", Epoch: 1, Step: 300, Value: 0.1}, {Name: "größe", Epoch: 7, Value: -2.5},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if g, w := hex.EncodeToString(got), string(bytes.TrimSpace(want)); g != w {
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

func TestExportTensorBoard(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	record(t, beginTest(t, db, "x"), append(everything(), stage.Scalar{Name: "loss", Series: "validation", Epoch: 1})...)
	beginTest(t, db, "empty")
	folder := t.TempDir()
	files, err := db.ExportTensorBoard(t.Context(), folder)
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for i, series := range []string{"train", "validation"} {
		if want := filepath.Join(folder, "2026-11-24-x", series); filepath.Dir(files[i]) != want {
			t.Errorf("got %s, want it in %s", files[i], want)
		}
	}
}

var keep = flag.String("keep-mlflow", "", "keep the store in this folder, for testdata/check_mlflow.py")

// TestExportMLflow looks at the files by which MLflow itself reads the store;
// testdata/check_mlflow.py asks MLflow.
func TestExportMLflow(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run, err := db.Begin(t.Context(), RunInfo{Name: "a: b", Experiment: "train: {batch: 32, loss: {focal: {gamma: 2}}}\naugment: [{rotate: {by: 1}}]", Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	record(t, run, append(everything(), stage.Scalar{Name: "x", Series: "../..", Epoch: 3, Value: 1},
		stage.Scalar{Name: "loss/edema", Series: "train", Epoch: 3, Value: 1})...)
	folder := t.TempDir()
	runs, err := db.ExportMLflow(t.Context(), folder)
	if err != nil || len(runs) != 1 {
		t.Fatal(runs, err)
	}
	for name, want := range map[string]string{
		"metrics/train/loss":      "1795558501123 0.3 100\n",
		"metrics/final/test/loss": "1795558501123 +inf 0\n", "metrics/final/test/auroc": "1795558501123 nan 0\n",
		"metrics/x": "1795558501123 1 3\n", "metrics/train/loss of edema": "1795558501123 1 3\n", "params/train.batch": "32", "params/train.loss.focal.gamma": "2", "params/augment.0.rotate.by": "1",
		"tags/mlflow.runName": "2026-11-24-a-b", "tags/fact.device": "cpu",
	} {
		if got, err := os.ReadFile(filepath.Join(runs[0], name)); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, want)
		}
	}
	if *keep != "" {
		if err := os.CopyFS(*keep, os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
	}
}
