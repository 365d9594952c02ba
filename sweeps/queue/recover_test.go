package queue

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestTrialsOfAnotherContainer: whether its process lives is what its run says. One that
// never began a run is not waited for.
func TestTrialsOfAnotherContainer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.db")
	open := func() *results.DB {
		db, err := results.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	db := open()
	q, err := db.BeginSweep(t.Context(), results.SweepInfo{Name: "fake", Objective: objective, Better: stage.LowerBetter}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Better: stage.LowerBetter, Objective: objective, Now: time.Now, Grace: 50 * time.Millisecond, Say: t.Logf}
	c := &coordinator{o: &o, q: q, board: board{o: &o}}
	trial := &results.Trial{Number: 0, Origin: results.Searched, State: results.TrialRunning, Host: "a-container", PID: 7, Value: nan}
	if err := q.Add(t.Context(), trial); err != nil {
		t.Fatal(err)
	}
	if err := c.waitFor(t.Context(), trial); err != nil {
		t.Errorf("before its run began: %v", err)
	}
	there := open()
	if _, err := there.Begin(t.Context(), results.RunInfo{Name: "r", Now: time.Now, Facts: []stage.Fact{{Name: results.TrialFact, Value: results.TrialName(q.ID, 0, 0)}}}); err != nil {
		t.Fatal(err)
	}
	if err := c.waitFor(t.Context(), trial); err == nil || !strings.Contains(err.Error(), "runs on a-container") {
		t.Errorf("while it runs: %v", err)
	}
}
