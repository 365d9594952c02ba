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

// A disk that stays full, and data that are gone, pause the sweep: no night of failed trials.
// The same command goes on.
func TestSweepPausesWhereTheMachineIsUnfit(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{Machine, Data} {
		folder := t.TempDir()
		s := setup{Config: "  search: grid\n  baseline: false\n  limits: {retries: 1}\n  space: {x: {choice: [-10, 0.5]}}", Fake: fake{Epochs: 2, Each: 1}}
		stuck := filepath.Join(folder, "stuck")
		if err := os.WriteFile(stuck, []byte(kind), 0o600); err != nil {
			t.Fatal(err)
		}
		ended, err := s.run(t.Context(), folder, t.Logf)
		rec := load(t, folder)
		if err != nil || ended.Status != results.SweepPaused || !ended.Unwell || !strings.Contains(rec.Because, "the disk is full") {
			t.Fatalf("%s: got %+v, %v, %q", kind, ended, err, rec.Because)
		}
		if got := states(rec); got[results.TrialFailed] > 0 || got[results.Queued] != 1 || len(rec.Trials) != 1 {
			t.Errorf("%s: got %v", kind, got)
		}
		if err := os.Remove(stuck); err != nil {
			t.Fatal(err)
		}
		if ended, err := s.run(t.Context(), folder, t.Logf); err != nil || ended.Status != results.SweepDone || states(load(t, folder))[results.TrialDone] != 2 {
			t.Errorf("%s: after it was mended got %+v, %v, %v", kind, ended, err, states(load(t, folder)))
		}
	}
}

// Where the space changes images, those that cannot be made are the fault of the trial.
func TestBadImagesOfATrialFailIt(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "stuck"), []byte(Data), 0o600); err != nil {
		t.Fatal(err)
	}
	s := setup{Config: "  search: grid\n  baseline: false\n  space: {x: {choice: [-10, 0.5]}, preprocess.resize.pixels: {choice: [8]}}", Fake: fake{Epochs: 2, Each: 1}}
	ended, err := s.run(t.Context(), folder, t.Logf)
	if got := states(load(t, folder)); err != nil || ended.Status != results.SweepDone || got[results.TrialFailed] != 1 || got[results.TrialDone] != 1 {
		t.Errorf("got %+v, %v, %v", ended, err, got)
	}
}
