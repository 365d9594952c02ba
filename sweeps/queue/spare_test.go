package queue

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vertebra/results"
)

// A full disk fails no trial, however often one comes further in between: it goes on from its
// checkpoint, and the search learns nothing from it.
func TestMachineFailsNoTrial(t *testing.T) {
	t.Parallel()
	ended, rec, _ := runFake(t, setup{Config: "  search: grid\n  baseline: false\n  limits: {retries: 1}\n  space: {x: {choice: [-9, 0.5]}}",
		Fake: fake{Epochs: 5, Each: 1, Full: 4}})
	if ended.Status != results.SweepDone || ended.Unwell || states(rec)[results.TrialDone] != 2 {
		t.Fatalf("got %+v, %v", ended, states(rec))
	}
	for _, trial := range rec.Trials {
		if want := map[string]int{"-9": 5, "0.5": 1}[trial.Settings["x"]]; len(trial.Spans) != want || len(trial.Values) != 5 || trial.FailureKind != "" {
			t.Errorf("x=%s: %d spans, want %d; values %v; failure %q", trial.Settings["x"], len(trial.Spans), want, trial.Values, trial.FailureKind)
		}
		for i, s := range trial.Spans[1:] {
			if before := trial.Spans[i]; before.Outcome != Machine || s.First != before.Last {
				t.Errorf("went on from %d after %+v", s.First, before)
			}
		}
	}
}

// A disk that stays full pauses the sweep: no night of failed trials. The same command goes on.
func TestSweepPausesWhereTheMachineIsUnfit(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := setup{Config: "  search: grid\n  baseline: false\n  limits: {retries: 1}\n  space: {x: {choice: [-10, 0.5]}}", Fake: fake{Epochs: 2, Each: 1}}
	stuck := filepath.Join(folder, "stuck")
	if err := os.Mkdir(stuck, 0o755); err != nil {
		t.Fatal(err)
	}
	ended, err := s.run(t.Context(), folder, t.Logf)
	rec := load(t, folder)
	if err != nil || ended.Status != results.SweepPaused || !ended.Unwell || !strings.Contains(rec.Because, "the disk is full") {
		t.Fatalf("got %+v, %v, %q", ended, err, rec.Because)
	}
	if got := states(rec); got[results.TrialFailed] > 0 || got[results.Queued] != 1 || len(rec.Trials) != 1 {
		t.Errorf("got %v", got)
	}
	if err := os.Remove(stuck); err != nil {
		t.Fatal(err)
	}
	if ended, err := s.run(t.Context(), folder, t.Logf); err != nil || ended.Status != results.SweepDone || states(load(t, folder))[results.TrialDone] != 2 {
		t.Errorf("after the disk was freed got %+v, %v, %v", ended, err, states(load(t, folder)))
	}
}
