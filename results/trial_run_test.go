package results

import (
	"context"
	"testing"

	"vertebra/stages/stage"
)

// What a sweep ended early, or lets wait, is called so; a run of a person that a trial
// found done stays that person's.
func TestStatusOfTrials(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	now := clock()
	q, err := db.BeginSweep(t.Context(), SweepInfo{Name: "s", Better: stage.LowerBetter,
		Experiment: "name: s\ntrain:\n  stop: other\nsweep:\n  search: tpe\n  stop:\n    asha:\n      first: 1\n"}, now)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for i, c := range []struct {
		name   string
		state  TrialState
		reason string
		status Status
	}{
		{"rung", Paused, "waits at the rung of epoch 2", Interrupted},
		{"ended", Stopped, "stopped by asha after epoch 2", Interrupted},
		{"deadline", Paused, "would not reach its next rung before the deadline", Interrupted},
		{"done", TrialDone, "", Done},
		{"failed", TrialFailed, "", Failed},
		{"own", TrialDone, "", Done},
	} {
		run, err := db.Begin(t.Context(), RunInfo{Name: c.name, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		if c.name != "own" {
			record(t, run, stage.Fact{Name: TrialFact, Value: TrialName(q.ID, i, 0)})
		}
		var cause error
		if c.status == Interrupted {
			cause = context.Canceled
		}
		if err := run.Finish(t.Context(), c.status, cause); err != nil {
			t.Fatal(err)
		}
		trial := &Trial{Number: i, Origin: Searched, Settings: map[string]string{}, State: c.state, Reason: c.reason, Run: run.ID(), Value: nan, Created: now()}
		if err := q.Add(t.Context(), trial); err != nil {
			t.Fatal(err)
		}
		if err := q.Store(t.Context(), trial); err != nil {
			t.Fatal(err)
		}
		ids[c.name] = run.ID()
	}
	check := func(want map[string]string) {
		t.Helper()
		for name, words := range want {
			if got := load(t, db, ids[name]).StatusWords(); got != words {
				t.Errorf("%s: got %q, want %q", name, got, words)
			}
		}
	}
	check(map[string]string{"rung": "waits in its sweep", "ended": "stopped early by asha", "done": "done", "failed": "failed"})
	if err := q.Finish(t.Context(), SweepDone, ""); err != nil {
		t.Fatal(err)
	}
	check(map[string]string{"rung": "stopped early by asha", "deadline": "ended early", "own": "done"})
	if got := load(t, db, ids["rung"]).Trial.Because(); got != "at the rung of epoch 2" {
		t.Errorf("got %q", got)
	}
	if got := load(t, db, ids["ended"]).Trial; got.Sweep != q.ID || got.Number != 1 || got.Stopper != "asha" {
		t.Errorf("trial: got %+v", got)
	}
	runs, err := db.Runs(t.Context(), Filter{HideTrials: true})
	if n, second := db.TrialRuns(t.Context()); err != nil || second != nil || n != 5 || len(runs) != 1 || runs[0].ID != ids["own"] || runs[0].Trial.Sweep != "" {
		t.Errorf("without trials: got %v, %v, %v, and %d of sweeps", runs, err, second, n)
	}
}
