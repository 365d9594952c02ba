package results

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
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
