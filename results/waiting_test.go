package results

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vertebra/stages/stage"
)

// hold locks a database for writing, as a forgotten prompt of sqlite3 does, until release.
func hold(t *testing.T, path string) (release func()) {
	t.Helper()
	other, err := sql.Open("sqlite3", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	release = func() { _ = tx.Rollback() }
	t.Cleanup(release)
	return release
}

// begun is a run in a file whose changes wait so long for others.
func begun(t *testing.T, wait time.Duration) (path string, db *DB, run *Run) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "results.db")
	db, err := open(t.Context(), path, wait)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if run, err = db.Begin(t.Context(), RunInfo{Name: "x", Now: clock()}); err != nil {
		t.Fatal(err)
	}
	return path, db, run
}

// What computes for hours waits for whoever has the file locked, longer than SQLite does, and
// says so once. It ends waiting when that takes too long.
func TestChangesWaitLong(t *testing.T) {
	t.Parallel()
	path, db, run := begun(t, 5*time.Millisecond)
	record := stage.Fact{Name: "a", Value: "b"}
	release := hold(t, path)
	if err := run.Record(t.Context(), record); err == nil || stage.KindOf(err) != stage.Machine {
		t.Errorf("without a long wait got %v of kind %q", err, stage.KindOf(err))
	}
	var told []string
	tell := func(text string) { told = append(told, text) }
	db.WaitLong(t.Context(), 200*time.Millisecond, tell)
	if err := run.Record(t.Context(), record); err == nil || !strings.Contains(err.Error(), "is locked by another program") {
		t.Errorf("after the longest wait got %v", err)
	}
	db.WaitLong(t.Context(), time.Minute, tell)
	time.AfterFunc(60*time.Millisecond, release)
	if err := run.Record(t.Context(), record); err != nil {
		t.Error(err)
	}
	if len(told) != 2 || !strings.Contains(told[1], "waiting up to 1m0s for it") {
		t.Errorf("told %q", told)
	}
}

// Whoever stops what waits does not wait for the rest of the ten minutes: what is still to be stored
// has the time of one change, all together.
func TestStoppingEndsTheWait(t *testing.T) {
	t.Parallel()
	const wait = 500 * time.Millisecond
	path, db, run := begun(t, wait)
	ctx, stop := context.WithCancel(t.Context())
	var told []string
	db.WaitLong(ctx, time.Hour, func(text string) {
		if told = append(told, text); len(told) == 1 {
			stop()
		}
	})
	release := hold(t, path)
	record := stage.Fact{Name: "a", Value: "b"}
	if err := run.Record(ctx, record); err == nil || stage.KindOf(err) != stage.Machine {
		t.Errorf("got %v", err)
	}
	began := time.Now()
	for range 8 { // each would wait by itself
		if err := run.Record(context.WithoutCancel(ctx), record); err == nil {
			t.Fatal("stored in a locked file")
		}
	}
	if took := time.Since(began); took > 5*wait {
		t.Errorf("what came after took %s", took)
	}
	if len(told) != 2 || !strings.Contains(told[0], "waiting up to 1h0m0s") || !strings.Contains(told[1], "it has 500ms to let go") {
		t.Errorf("told %q", told)
	}
	release()
	if err := run.Record(context.WithoutCancel(ctx), record); err != nil {
		t.Errorf("let go: %v", err)
	}
}

// SQLite goes on writing into a file that was moved away, deleted or replaced; nobody would
// find it again.
func TestFileThatWasMovedIsToldOf(t *testing.T) {
	t.Parallel()
	for what, harm := range map[string]func(path string) error{
		"was moved or deleted": func(path string) error { return os.Rename(path, path+".away") },
		"was replaced by another one": func(path string) error {
			return errors.Join(os.Rename(path, path+".away"), os.WriteFile(path, nil, 0o600))
		},
	} {
		path := filepath.Join(t.TempDir(), "results.db")
		db, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		run, err := db.Begin(t.Context(), RunInfo{Name: "x", Now: clock()})
		if err == nil {
			err = harm(path)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, reading := db.Load(t.Context(), run.ID())
		for _, err := range []error{run.Record(t.Context(), stage.Fact{Name: "a", Value: "b"}), run.Finish(t.Context(), Done, nil), reading} {
			if err == nil || !strings.Contains(err.Error(), what) || stage.KindOf(err) != stage.Machine {
				t.Errorf("got %v, want that it %s", err, what)
			}
		}
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
		if err := run.Finish(t.Context(), Done, nil); err != nil {
			t.Errorf("put back: %v", err)
		}
	}
}
