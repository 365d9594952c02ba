package queue

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/results"
)

const poll = "\n  slurm: {poll: 100ms, parallel: 4}"

// runSlurm runs a whole sweep on the fake cluster.
func runSlurm(t *testing.T, s setup) (Ended, *results.SweepRecord, string) {
	t.Helper()
	folder := onFakeSlurm(t)
	s.Slurm = true
	ended, err := s.run(t.Context(), folder, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	return ended, load(t, folder), folder
}

// sameTrials wants the trials of a sweep that nothing disturbed, with runs that hold
// everything once.
func sameTrials(t *testing.T, folder string, want *results.SweepRecord) {
	t.Helper()
	got := load(t, folder)
	if len(got.Trials) != len(want.Trials) {
		t.Fatalf("got %d trials, want %d", len(got.Trials), len(want.Trials))
	}
	db, err := results.Open(t.Context(), filepath.Join(folder, "results.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	runs := map[string]bool{}
	for i, trial := range got.Trials {
		w := want.Trials[i]
		if trial.Number != w.Number || trial.State != w.State || trial.Settings["x"] != w.Settings["x"] || trial.Value != w.Value || !slices.Equal(trial.Values, w.Values) || runs[trial.Run] {
			t.Errorf("got %+v, want %+v", trial, w)
		}
		runs[trial.Run] = true
		run, err := db.Load(t.Context(), trial.Run)
		if err != nil {
			t.Fatal(err)
		}
		if run.Status != results.Done || len(run.Scalars) != len(w.Values)+1 || len(run.Events) != len(w.Values) {
			t.Errorf("run %s: %s, %d numbers, %d events; want %d and %d", run.ID, run.Status, len(run.Scalars), len(run.Events), len(w.Values)+1, len(w.Values))
		}
	}
}

// A random search is one array, and gives what processes of this machine give.
func TestSlurmIsLikeLocal(t *testing.T) {
	t.Parallel()
	s := setup{Config: "  search: random\n  trials: 6\n  baseline: false\n  space: {x: {range: [0, 1]}}" + poll, Fake: fake{Epochs: 3, Each: 5}, Slots: 6}
	_, want, _ := runFake(t, s)
	ended, rec, folder := runSlurm(t, s)
	if ended.Status != results.SweepDone {
		t.Error(ended)
	}
	sameTrials(t, folder, want)
	script, err := os.ReadFile(filepath.Join(folder, "logs", "batch-0001.sh"))
	if err != nil || !strings.Contains(string(script), "#SBATCH --array=0-5%4\n") {
		t.Errorf("%v: %s", err, script)
	}
	if again, _ := filepath.Glob(filepath.Join(folder, "logs", "batch-*.sh")); len(again) != 1 {
		t.Errorf("submitted %v", again)
	}
	for _, trial := range rec.Trials {
		if len(trial.Spans) != 1 || !strings.Contains(trial.Spans[0].Device, "#") || trial.Spans[0].Outcome != "done" || trial.Seconds <= 0 || trial.Device != "" {
			t.Errorf("%+v", trial)
		}
	}
}

// Successive halving waits at rungs for what the sweep says, and no epoch is trained
// twice.
func TestSlurmASHA(t *testing.T) {
	t.Parallel()
	_, rec, _ := runSlurm(t, setup{Config: "  search: tpe\n  trials: 9\n  baseline: false\n  stop: {asha: {first: 1}}\n  space: {x: {range: [0, 1]}}" + poll, Fake: fake{Epochs: 9, Each: 1}, Slots: 3})
	trained := 0
	for _, trial := range rec.Trials {
		trained += len(trial.Values)
		for i, s := range trial.Spans[1:] {
			if s.First != trial.Spans[i].Last {
				t.Errorf("trial %d went on from %d after %d epochs", trial.Number, s.First, trial.Spans[i].Last)
			}
		}
	}
	if got := states(rec); got[results.TrialDone] < 1 || got[results.Paused] < 4 || len(rec.Trials) != 9 || trained >= 60 {
		t.Errorf("got %v, %d epochs", got, trained)
	}
}

// A trial that waits at a rung while nobody runs the sweep pauses; the next who runs it
// decides.
func TestSlurmASHAAlone(t *testing.T) {
	t.Parallel()
	s := setup{Config: "  search: random\n  trials: 6\n  baseline: false\n  stop: {asha: {first: 1, reduction: 2}}\n  space: {x: {range: [0, 1]}}" + poll, Fake: fake{Epochs: 4, Each: 300}, Slots: 3, Slurm: true}
	folder := onFakeSlurm(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		db := waitForSweep(t, folder)
		defer db.Close()
		until(t, db, func(rec *results.SweepRecord) bool { return states(rec)[results.TrialRunning] == 3 })
	}()
	if _, err := s.run(ctx, folder, t.Logf); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1800 * time.Millisecond) // longer than their patience
	if ended, err := s.run(t.Context(), folder, t.Logf); err != nil || ended.Status != results.SweepDone {
		t.Fatal(ended, err)
	}
	rec := load(t, folder)
	if got := states(rec); got[results.TrialDone] == 0 || got[results.TrialDone]+got[results.Paused] != 6 {
		t.Errorf("got %v", got)
	}
	for _, trial := range rec.Trials {
		if n := len(trial.Values); n != 1 && n != 2 && n != 4 || n == 4 != (trial.State == results.TrialDone) {
			t.Errorf("trial %d: %s after %d epochs", trial.Number, trial.State, n)
		}
		for i, span := range trial.Spans[1:] {
			if span.First != trial.Spans[i].Last {
				t.Errorf("trial %d: %+v", trial.Number, trial.Spans)
			}
		}
	}
}

// What Slurm says of a task that ended without a word becomes the type of the
// failure, or a further turn.
func TestSlurmLosses(t *testing.T) {
	t.Parallel()
	_, rec, _ := runSlurm(t, setup{Config: "  search: grid\n  baseline: false\n  limits: {retries: 1}\n  space: {x: {choice: [-1, -2, -4, -5, -6, -7]}}" + poll, Fake: fake{Epochs: 4, Each: 1}, Slots: 6})
	for _, want := range []struct {
		x     string
		state results.TrialState
		kind  string
		spans int
		log   string
	}{
		{"-1", results.TrialDone, "", 2, ""},
		{"-2", results.TrialFailed, Crash, 2, "the last words"},
		{"-4", results.TrialDone, "", 4, ""},
		{"-5", results.TrialFailed, OutOfMemory, 1, ""},
		{"-6", results.TrialDone, "", 4, ""},
		{"-7", results.TrialFailed, Cancelled, 2, ""},
	} {
		got := rec.Trials[slices.IndexFunc(rec.Trials, func(t *results.Trial) bool { return t.Settings["x"] == want.x })]
		if got.State != want.state || got.FailureKind != want.kind || len(got.Spans) != want.spans || !strings.Contains(got.Log, want.log) {
			t.Errorf("x=%s: got %s %q after %d parts: %s, log %q", want.x, got.State, got.FailureKind, len(got.Spans), got.FailureMessage, got.Log)
		}
	}
}

// With several seeds each is a run of its own, named after its trial.
func TestSlurmReplicates(t *testing.T) {
	t.Parallel()
	s := setup{Config: "  search: grid\n  baseline: false\n  seeds: 3\n  space: {x: {choice: [0.2, 0.6]}}" + poll, Fake: fake{Epochs: 2, Each: 1}, Slots: 2}
	_, want, _ := runFake(t, s)
	_, rec, folder := runSlurm(t, s)
	sameTrials(t, folder, want)
	if !slices.ContainsFunc(rec.Trials, func(t *results.Trial) bool { return strings.HasSuffix(t.Run, ".t1.r2") }) {
		t.Errorf("%+v", rec.Trials)
	}
}

// When its time is over nothing is left in the cluster, and the best trial is
// evaluated where it was cut off.
func TestSlurmDeadline(t *testing.T) {
	t.Parallel()
	s := setup{Config: "  search: random\n  trials: 1000\n  stop: {asha: {first: 2}}\n  space: {x: {range: [0, 1]}}" + poll, Fake: fake{Epochs: 5000, Each: 20}, Slots: 2, For: 6_000}
	ended, rec, folder := runSlurm(t, s)
	if ended.Status != results.SweepDone || ended.Because != "its time is over" {
		t.Error(ended)
	}
	got := states(rec)
	if got[results.TrialDone] == 0 || got[results.TrialRunning] > 0 || len(TasksOf(rec.Trials)) > 0 {
		t.Errorf("got %v, and %v in Slurm", got, TasksOf(rec.Trials))
	}
	for _, trial := range rec.Trials {
		if trial.State == results.TrialDone && !strings.Contains(trial.Reason, "the time was over") {
			t.Errorf("%+v", trial)
		}
	}
	tasks, err := filepath.Glob(filepath.Join(folder, "slurm", "task.*", "state"))
	if err != nil || len(tasks) == 0 {
		t.Fatal(tasks, err)
	}
	for _, path := range tasks {
		if state, err := os.ReadFile(path); err != nil || strings.TrimSpace(string(state)) == "PENDING" {
			t.Errorf("%s: %s %v", path, state, err)
		}
	}
}

// Killed at random moments while its tasks go on, it ends as an undisturbed one.
func TestKilledSlurmSweepGoesOn(t *testing.T) {
	t.Parallel()
	s := setup{Config: "  search: random\n  trials: 8\n  baseline: false\n  space: {x: {range: [0, 1]}}" + poll, Fake: fake{Epochs: 4, Each: 60}, Slots: 3}
	_, want, _ := runFake(t, s)
	folder := onFakeSlurm(t)
	s.Slurm = true
	text, err := json.Marshal(s)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "setup.json"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range *kills {
		killSoon(t, folder, time.Duration(100+rng.IntN(500))*time.Millisecond, false)
	}
	if ended, err := s.run(t.Context(), folder, t.Logf); err != nil || ended.Status != results.SweepDone {
		t.Fatal(ended, err)
	}
	sameTrials(t, folder, want)
}

// Interrupted, it leaves its tasks alone and says so; without Slurm it refuses to go
// on; with it, it takes over what they did. squeue need not answer for that.
func TestInterruptedSlurmSweep(t *testing.T) {
	t.Parallel()
	s := setup{Config: "  search: random\n  trials: 4\n  baseline: false\n  space: {x: {range: [0, 1]}}" + poll, Fake: fake{Epochs: 3, Each: 300}, Slots: 4}
	_, want, _ := runFake(t, s)
	folder := onFakeSlurm(t)
	s.Slurm = true
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		db := waitForSweep(t, folder)
		defer db.Close()
		until(t, db, func(rec *results.SweepRecord) bool { return states(rec)[results.TrialRunning] == 4 })
	}()
	ended, err := s.run(ctx, folder, t.Logf)
	if err != nil || ended.Status != results.SweepPaused || ended.Because != "interrupted; 4 trials go on in Slurm" {
		t.Fatal(ended, err)
	}
	if got := TasksOf(load(t, folder).Trials); len(got) != 4 {
		t.Errorf("got the tasks %v", got)
	}
	s.Slurm = false
	if _, err := s.run(t.Context(), folder, t.Logf); err == nil || !strings.Contains(err.Error(), "go on with --on slurm") {
		t.Errorf("got %v", err)
	}
	s.Slurm = true
	if err := os.WriteFile(filepath.Join(folder, "slurm", "down"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if ended, err := s.run(t.Context(), folder, t.Logf); err != nil || ended.Status != results.SweepDone {
		t.Fatal(ended, err)
	}
	sameTrials(t, folder, want)
	if rec := load(t, folder); !slices.ContainsFunc(rec.Events, func(e results.SweepEvent) bool { return strings.Contains(e.Text, "Unable to contact") }) {
		t.Errorf("nobody was told that squeue does not answer: %+v", rec.Events)
	}
}

// A pause takes waiting tasks out of the queue and lets the others store their state;
// a stop ends all.
func TestSlurmWishes(t *testing.T) {
	t.Parallel()
	folder := onFakeSlurm(t)
	s := setup{Config: "  search: random\n  trials: 3\n  baseline: false\n  space: {x: {range: [0, 1]}}" + poll, Fake: fake{Epochs: 50, Each: 40}, Slots: 3, Slurm: true}
	db, ask, done := s.begin(t, folder)
	defer db.Close()
	until(t, db, func(rec *results.SweepRecord) bool { return states(rec)[results.TrialRunning] == 3 })
	ask(results.WishPause)
	until(t, db, func(rec *results.SweepRecord) bool { return states(rec)[results.Paused] == 3 })
	hold := filepath.Join(folder, "slurm", "hold")
	if err := os.WriteFile(hold, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ask(results.WishRun)
	until(t, db, func(rec *results.SweepRecord) bool { return len(TasksOf(rec.Trials)) == 3 })
	ask(results.WishPause)
	until(t, db, func(rec *results.SweepRecord) bool { return len(TasksOf(rec.Trials)) == 0 })
	if err := os.Remove(hold); err != nil {
		t.Fatal(err)
	}
	ask(results.WishRun)
	until(t, db, func(rec *results.SweepRecord) bool { return states(rec)[results.TrialRunning] == 3 })
	ask(results.WishStop)
	if ended := <-done; ended.Status != results.SweepStopped {
		t.Errorf("got %v", ended)
	}
	for _, trial := range load(t, folder).Trials {
		if trial.State != results.Paused || trial.Epochs == 0 || len(trial.Values) < trial.Epochs {
			t.Errorf("%+v", trial)
		}
	}
}

// What Slurm refuses is shown in its own words; a full queue is waited for.
func TestRefusedSubmission(t *testing.T) {
	t.Parallel()
	s := setup{Config: "  search: random\n  trials: 2\n  baseline: false\n  space: {x: {range: [0, 1]}}" + poll, Fake: fake{Epochs: 1, Each: 1}, Slots: 2, Slurm: true}
	folder := onFakeSlurm(t)
	refuse := filepath.Join(folder, "slurm", "refuse")
	write := func(text string) {
		if err := os.WriteFile(refuse, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("sbatch: error: invalid partition specified: nope")
	ended, err := s.run(t.Context(), folder, t.Logf)
	if err == nil || !strings.Contains(err.Error(), "invalid partition specified: nope") || !strings.Contains(err.Error(), "batch-0001.sh") || ended.Status != results.SweepStopped {
		t.Errorf("got %v, %v", ended, err)
	}
	write("sbatch: error: QOSMaxSubmitJobPerUserLimit")
	go func() {
		db := waitForSweep(t, folder)
		defer db.Close()
		until(t, db, func(rec *results.SweepRecord) bool {
			return slices.ContainsFunc(rec.Events, func(e results.SweepEvent) bool { return strings.Contains(e.Text, "QOSMaxSubmit") })
		})
		_ = os.Remove(refuse)
	}()
	if ended, err := s.run(t.Context(), folder, t.Logf); err != nil || ended.Status != results.SweepDone || states(load(t, folder))[results.TrialDone] != 2 {
		t.Error(ended, err)
	}
}
