package results

import (
	"database/sql"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"vertebra/stages/stage"
)

// TestOldFilesOpen brings a stored file of the first schema up to date: nothing
// may be lost, and nothing that the later schema cannot mean may appear.
func TestOldFilesOpen(t *testing.T) {
	t.Parallel()
	old, err := os.ReadFile("testdata/v1.db") // made by testdata/make_v1.py
	if err != nil {
		t.Fatal(err)
	}
	path := write(t, filepath.Join(t.TempDir(), "results.db"), string(old))
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rec := load(t, db, "old")
	scalar := func(name, title, series string, epoch, step int, value float64) stage.Scalar {
		return stage.Scalar{Name: name, Title: title, Series: series, Phase: "head", Epoch: epoch, Step: step, Value: value, Better: stage.HigherBetter}
	}
	want := []stage.Scalar{
		scalar("loss", "Loss", "train", 1, 10, 0.30000000000000004), scalar("f1", "F1", "validation", 1, 10, 0.25),
		scalar("loss", "Loss", "train", 2, 20, math.Inf(1)), scalar("f1", "F1", "validation", 2, 20, math.NaN()),
		scalar("f1", "F1", "validation", stage.Final, 0, 0.5),
	}
	if len(rec.Scalars) != len(want) {
		t.Fatalf("got %d scalars: %+v", len(rec.Scalars), rec.Scalars)
	}
	for i := range want {
		if got, want := asText(rec.Scalars[i]), asText(want[i]); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got, want := Shape[stage.Table](rec)[0].Rows, [][]any{{`<b>&"</b>`}, {3}, {3.0}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
	if rec.Seed != math.MaxUint64 || rec.Status != Done || rec.Fact("device") != "cpu" || len(rec.Predictions) != 1 || len(rec.Finals) != 1 {
		t.Errorf("got %+v", rec)
	}
	record(t, beginTest(t, db, "new"), everything()...)
	checkIntegrity(t, db)
}

func checkIntegrity(t *testing.T, db *DB) {
	t.Helper()
	var state string
	if err := db.read.QueryRow("PRAGMA integrity_check").Scan(&state); err != nil || state != "ok" {
		t.Errorf("integrity: %s, %v", state, err)
	}
	var table string
	if err := db.read.QueryRow(`SELECT "table" FROM pragma_foreign_key_check`).Scan(&table); err != sql.ErrNoRows {
		t.Errorf("a row of %s refers to nothing: %v", table, err)
	}
}

// TestFinalsUseIndexes keeps the list of a thousand runs quick.
func TestFinalsUseIndexes(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	rows, err := db.read.Query(`EXPLAIN QUERY PLAN SELECT value FROM scalars WHERE run = 1 AND epoch = -1 ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := collect(rows, func() (step string, err error) {
		var id, parent, unused int
		err = rows.Scan(&id, &parent, &unused, &step)
		return step, err
	})
	if err != nil || len(steps) == 0 {
		t.Fatal(steps, err)
	}
	for _, step := range steps {
		if len(step) > 4 && step[:4] == "SCAN" {
			t.Errorf("a whole table is read: %v", steps)
		}
	}
}
