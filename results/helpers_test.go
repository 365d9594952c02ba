package results

import (
	"path/filepath"
	"testing"
	"time"

	"vertebra/stages/stage"
)

// clock ticks a second each time it is read.
func clock() func() time.Time {
	at := time.Date(2026, 11, 24, 22, 15, 0, 123456000, time.UTC)
	return func() time.Time {
		at = at.Add(time.Second)
		return at
	}
}

func openTest(t testing.TB) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "results.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func beginTest(t testing.TB, db *DB, name string) *Run {
	t.Helper()
	run, err := db.Begin(t.Context(), RunInfo{Name: name, Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func record(t testing.TB, run *Run, records ...stage.Record) {
	t.Helper()
	if err := run.Record(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
}

func load(t testing.TB, db *DB, key string) *RunRecord {
	t.Helper()
	rec, err := db.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}
