package results

import (
	"errors"
	"os"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// another opens the same file, as a process in another container would.
func another(t *testing.T, db *DB) *DB {
	t.Helper()
	other, err := Open(t.Context(), db.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	return other
}

func change(t *testing.T, db *DB, query string, args ...any) {
	t.Helper()
	if _, err := db.write.Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

// TestRunsOfOtherContainers: their processes cannot be seen, their locks can.
func TestRunsOfOtherContainers(t *testing.T) {
	t.Parallel()
	if processToken(os.Getpid()) == "" {
		t.Skip("there is no /proc")
	}
	db := openTest(t)
	there := another(t, db)
	run, over := beginTest(t, there, "a"), beginTest(t, there, "over")
	if err := over.Finish(t.Context(), Interrupted, nil); err != nil {
		t.Fatal(err)
	}
	change(t, db, `UPDATE runs SET host = 'a-container'`)
	if got := load(t, db, run.ID()).Status; got != Running {
		t.Errorf("while it runs it is %s", got)
	}
	if _, err := db.Resume(t.Context(), run.ID(), RunInfo{Now: clock()}); err == nil || !strings.Contains(err.Error(), "still running") {
		t.Errorf("got %v", err)
	}
	if _, err := db.Resume(t.Context(), over.ID(), RunInfo{Now: clock()}); err != nil {
		t.Errorf("one that ended, of a process that lives: %v", err)
	}
	lives := db.lives.path
	if err := os.Rename(lives, lives+"~"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(lives, lives); err != nil { // cannot be opened, and is there
		t.Fatal(err)
	}
	if got := load(t, db, run.ID()).Status; got != Running {
		t.Errorf("where nobody can look it is %s", got)
	}
	if err := errors.Join(os.Remove(lives), os.Rename(lives+"~", lives)); err != nil {
		t.Fatal(err)
	}
	if err := there.Close(); err != nil { // as the end of the process does
		t.Fatal(err)
	}
	if got := load(t, db, run.ID()).Status; got != Lost {
		t.Errorf("when its process is gone it is %s", got)
	}
	if _, err := db.Resume(t.Context(), run.ID(), RunInfo{Now: clock()}); err != nil {
		t.Error(err)
	}
	change(t, db, `UPDATE runs SET host = 'a-container'`)
	if got := load(t, another(t, db), run.ID()).Status; got != Running {
		t.Errorf("gone on with, it is %s", got)
	}
}

// TestRunsOfOtherMachines count as gone by their silence.
func TestRunsOfOtherMachines(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	run := beginTest(t, db, "a")
	for process, want := range map[string][2]Status{"another boot/7" + lifeMark: {Running, Lost}, "": {Running, Lost}} {
		for i, seen := range []string{"-1 hour", "-25 hours"} {
			change(t, db, `UPDATE runs SET host = 'elsewhere', process = ?, seen = strftime('%Y-%m-%dT%H:%M:%S.000000Z', 'now', ?)`, process, seen)
			if got := load(t, db, run.ID()).Status; got != want[i] {
				t.Errorf("%q, %s: %s, want %s", process, seen, got, want[i])
			}
		}
	}
}

// TestSweepsOfOtherContainers, likewise.
func TestSweepsOfOtherContainers(t *testing.T) {
	t.Parallel()
	if processToken(os.Getpid()) == "" {
		t.Skip("there is no /proc")
	}
	db := openTest(t)
	there := another(t, db)
	info := SweepInfo{Name: "s", Objective: "validation.loss", Better: stage.LowerBetter}
	q, err := there.BeginSweep(t.Context(), info, clock())
	if err != nil {
		t.Fatal(err)
	}
	change(t, db, `UPDATE sweeps SET host = 'a-container'`)
	if _, err := db.TakeSweep(t.Context(), q.ID, info, clock()); err == nil || !strings.Contains(err.Error(), "is being run already") {
		t.Errorf("got %v", err)
	}
	if err := there.Close(); err != nil {
		t.Fatal(err)
	}
	q, err = db.TakeSweep(t.Context(), q.ID, info, clock())
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Finish(t.Context(), SweepPaused, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := another(t, db).TakeSweep(t.Context(), q.ID, info, clock()); err != nil {
		t.Errorf("one that is paused, of a process that lives: %v", err)
	}
}

// TestARunThatDoesNotBeginHoldsNothing: its number is the next one's.
func TestARunThatDoesNotBeginHoldsNothing(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	change(t, db, `CREATE TRIGGER refuse BEFORE INSERT ON facts BEGIN SELECT RAISE(ABORT, 'no facts today'); END`)
	if _, err := db.Begin(t.Context(), RunInfo{Name: "x", Now: clock(), Facts: []stage.Fact{{Name: "a"}}}); err == nil {
		t.Fatal("it began")
	}
	beginTest(t, another(t, db), "next")
}
