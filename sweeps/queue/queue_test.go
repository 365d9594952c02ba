package queue

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vertebra/results"
)

var (
	kills     = flag.Int("kills", 4, "how often the killed sweep is killed")
	overhead  = flag.Int("overhead", 0, "how many trials of one second are run to see what they cost besides")
	deadlines = flag.Int("deadlines", 1, "how many sweeps with a deadline are run")
)

// runFake runs a whole sweep here and gives what it left.
func runFake(t *testing.T, s setup) (Ended, *results.SweepRecord, string) {
	t.Helper()
	folder := t.TempDir()
	ended, err := s.run(t.Context(), folder, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	return ended, load(t, folder), folder
}

func states(rec *results.SweepRecord) map[results.TrialState]int {
	out := map[results.TrialState]int{}
	for _, t := range rec.Trials {
		out[t.State]++
	}
	return out
}

func TestGridRunsEveryCellOnce(t *testing.T) {
	t.Parallel()
	ended, rec, folder := runFake(t, setup{Config: "  search: grid\n  baseline: false\n  space: {x: {range: [0, 1], step: 0.25}}", Fake: fake{Epochs: 2, Each: 1}, Slots: 2})
	if ended.Status != results.SweepDone || rec.Status != results.SweepDone || len(rec.Trials) != 5 || states(rec)[results.TrialDone] != 5 {
		t.Errorf("got %v, %v", ended, states(rec))
	}
	seen := map[string]bool{}
	for _, trial := range rec.Trials {
		seen[trial.Settings["x"]] = true
		if len(trial.Values) != 2 || len(trial.Spans) != 1 || trial.Spans[0].Ended.IsZero() || trial.Run == "" {
			t.Errorf("trial %d: %+v", trial.Number, trial)
		}
	}
	if len(seen) != 5 {
		t.Errorf("got the cells %v", seen)
	}
	if _, err := os.Stat(filepath.Join(folder, "report")); err != nil {
		t.Error(err)
	}
}

// Successive halving pauses most trials and trains the best to the end, from
// their checkpoints: no epoch is trained twice.
func TestASHAPausesAndPromotes(t *testing.T) {
	t.Parallel()
	_, rec, _ := runFake(t, setup{Config: "  search: random\n  trials: 9\n  baseline: false\n  stop: {asha: {first: 1}}\n  space: {x: {range: [0, 1]}}", Fake: fake{Epochs: 9, Each: 1}, Slots: 2})
	got := states(rec)
	if got[results.TrialDone] < 1 || got[results.Paused] < 4 || len(rec.Trials) != 9 {
		t.Errorf("got %v", got)
	}
	best, trained := math.Inf(1), 0
	for _, trial := range rec.Trials {
		trained += len(trial.Values)
		if trial.State == results.TrialDone && trial.Value < best {
			best = trial.Value
		}
		for i, s := range trial.Spans[1:] {
			if s.First != trial.Spans[i].Last {
				t.Errorf("trial %d went on from %d after %d epochs", trial.Number, s.First, trial.Spans[i].Last)
			}
		}
	}
	if trained >= 60 {
		t.Errorf("%d epochs were trained; without stopping it were 81", trained)
	}
	for _, trial := range rec.Trials {
		if v := (fake{X: mustFloat(t, trial.Settings["x"])}).value(9); v < best-1e-12 {
			t.Errorf("trial %d would have been better: %v, best is %v", trial.Number, v, best)
		}
	}
}

func mustFloat(t *testing.T, text string) (v float64) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Failures are told apart, and shown with their last words; what runs out of
// memory is tried again in smaller parts.
func TestFailuresAreTyped(t *testing.T) {
	t.Parallel()
	_, rec, _ := runFake(t, setup{
		Config: "  search: grid\n  baseline: false\n  limits: {stall: 4s, retries: 1}\n  space: {x: {choice: [-1, -2, -3, 0.5]}}", Fake: fake{Epochs: 1, Each: 1}, Slots: 4})
	for _, want := range []struct {
		x       string
		state   results.TrialState
		kind    string
		log     string
		attempt int
	}{
		{"-1", results.TrialDone, "", "", 1},
		{"-2", results.TrialFailed, Crash, "the last words", 2},
		{"-3", results.TrialFailed, Timeout, "", 1},
		{"0.5", results.TrialDone, "", "", 1},
	} {
		i := slices.IndexFunc(rec.Trials, func(t *results.Trial) bool { return t.Settings["x"] == want.x })
		got := rec.Trials[i]
		if got.State != want.state || got.FailureKind != want.kind || !strings.Contains(got.Log, want.log) || got.Attempt != want.attempt {
			t.Errorf("x=%s: got %s %q, attempt %d, %q: %s", want.x, got.State, got.FailureKind, got.Attempt, got.Log, got.FailureMessage)
		}
	}
	if i := slices.IndexFunc(rec.Trials, func(t *results.Trial) bool { return t.Settings["x"] == "-1" }); !slices.Equal(rec.Trials[i].Sets, []string{"train.accumulate=2"}) {
		t.Errorf("got %v", rec.Trials[i].Sets)
	}
}

// The mean over seeds counts, and a trial that is worse on each of them gets no
// more.
func TestReplicates(t *testing.T) {
	t.Parallel()
	_, rec, _ := runFake(t, setup{
		Config: "  search: grid\n  baseline: false\n  seeds: 5\n  stop: {paired: {p: 0.13}}\n  space: {x: {choice: [0.3, 0.9, 0.31]}}", Fake: fake{Epochs: 1, Each: 1}})
	rows := map[string]int{}
	for _, trial := range rec.Trials {
		rows[trial.Settings["x"]]++
	}
	if rows["0.3"] != 5 || rows["0.9"] != 3 || rows["0.31"] != 5 {
		t.Errorf("got %v runs; three of x=0.9 show that it is worse, and 0.31 differs by less than the seeds", rows)
	}
}

// Killed at random moments, sweep and trials alike, it ends with the trials of an
// undisturbed one: none twice, none missing, the same values.
func TestKilledSweepGoesOn(t *testing.T) {
	t.Parallel()
	s := setup{Config: "  search: random\n  trials: 8\n  baseline: false\n  space: {x: {range: [0, 1]}}", Fake: fake{Epochs: 4, Start: 10, Each: 40}, Slots: 2}
	_, want, _ := runFake(t, s)
	folder := t.TempDir()
	text, err := json.Marshal(s)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "setup.json"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range *kills {
		killSoon(t, folder, time.Duration(150+rng.IntN(450))*time.Millisecond, i%2 == 1)
	}
	if ended, err := s.run(t.Context(), folder, t.Logf); err != nil || ended.Status != results.SweepDone {
		t.Fatal(ended, err)
	}
	got := load(t, folder)
	if len(got.Trials) != len(want.Trials) || states(got)[results.TrialDone] != 8 {
		for _, trial := range got.Trials {
			t.Logf("trial %d: %s %s %s\n%s", trial.Number, trial.State, trial.FailureKind, trial.FailureMessage, trial.Log)
		}
		t.Fatalf("got %d trials %v, want 8 done", len(got.Trials), states(got))
	}
	runs := map[string]bool{}
	for i, trial := range got.Trials {
		w := want.Trials[i]
		if trial.Number != w.Number || trial.Settings["x"] != w.Settings["x"] || trial.Value != w.Value || !slices.Equal(trial.Values, w.Values) || runs[trial.Run] {
			t.Errorf("got %+v, want %+v", trial, w)
		}
		runs[trial.Run] = true
	}
}

// killSoon runs the sweep in a process and kills it, with its trials or without.
func killSoon(t *testing.T, folder string, after time.Duration, trials bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "VERTEBRA_FAKE_SWEEP="+folder)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if trials {
		for _, trial := range load(t, folder).Trials {
			if p, err := os.FindProcess(trial.PID); err == nil && trial.State == results.TrialRunning && trial.PID > 0 {
				_ = p.Kill()
			}
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// Every sweep with a deadline is over before it, with its report and with a best
// trial that was evaluated.
func TestDeadline(t *testing.T) {
	t.Parallel()
	var wait sync.WaitGroup
	defer wait.Wait()
	for i := range *deadlines {
		s := setup{Config: "  search: random\n  trials: 1000\n  stop: {asha: {first: 2}}\n  space: {x: {range: [0, 1]}}",
			Fake: fake{Epochs: 54, Start: 50, Each: 20 + 30*(i%5), Tail: 100}, Slots: 2, For: 5000 + 700*(i%4)}
		folder := t.TempDir()
		begun := time.Now()
		ended, err := s.run(t.Context(), folder, t.Logf)
		took := time.Since(begun)
		if err != nil || ended.Status != results.SweepDone {
			t.Fatal(ended, err)
		}
		rec := load(t, folder)
		// Half as long again, for a busy machine: without a deadline it would take minutes.
		if took > time.Duration(s.For)*time.Millisecond*3/2 {
			t.Errorf("took %v of %d ms", took, s.For)
		}
		if _, err := os.Stat(filepath.Join(folder, "report")); err != nil {
			t.Error(err)
		}
		if states(rec)[results.TrialDone] == 0 || states(rec)[results.TrialRunning] > 0 {
			t.Errorf("got %v: want one that is evaluated, and none running", states(rec))
		}
	}
}

// begin runs a sweep in the background: done tells how it ended, ask what a person wants of it.
func (s setup) begin(t *testing.T, folder string) (db *results.DB, ask func(results.Wish), done chan Ended) {
	t.Helper()
	done = make(chan Ended, 1)
	go func() {
		ended, err := s.run(context.Background(), folder, t.Logf)
		if err != nil {
			t.Error(err)
		}
		done <- ended
	}()
	db = waitForSweep(t, folder)
	return db, func(w results.Wish) {
		t.Helper()
		if _, err := db.AskSweep(t.Context(), "fake", w); err != nil {
			t.Fatal(err)
		}
	}, done
}

// A person pauses, adds a trial, goes on and stops, from another process.
func TestWishes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := setup{Config: "  search: random\n  trials: 500\n  space: {x: {range: [0, 1]}}", Fake: fake{Epochs: 3, Each: 30}}
	db, ask, done := s.begin(t, folder)
	defer db.Close()
	ask(results.WishPause)
	until(t, db, func(rec *results.SweepRecord) bool { return states(rec)[results.TrialRunning] == 0 })
	number, _, err := db.AddTrial(t.Context(), "fake", []string{"x=0.3"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ask(results.WishRun)
	until(t, db, func(rec *results.SweepRecord) bool {
		return slices.ContainsFunc(rec.Trials, func(t *results.Trial) bool {
			return t.Number == number && t.State == results.TrialDone && math.Abs(t.Value-0.1/3) < 1e-9
		})
	})
	ask(results.WishStop)
	if ended := <-done; ended.Status != results.SweepStopped {
		t.Errorf("got %v", ended)
	}
}

func waitForSweep(t *testing.T, folder string) *results.DB {
	t.Helper()
	for {
		path := filepath.Join(folder, "results.db")
		if info, err := os.Stat(path); err != nil || info.Size() == 0 { // the sweep makes it
			time.Sleep(20 * time.Millisecond)
			continue
		}
		db, err := results.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if rec, err := db.LoadSweep(t.Context(), "fake"); err == nil && len(rec.Trials) > 0 {
			return db
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func until(t *testing.T, db *results.DB, ok func(*results.SweepRecord) bool) {
	t.Helper()
	for {
		rec, err := db.LoadSweep(t.Context(), "fake")
		if err != nil {
			t.Fatal(err)
		}
		if ok(rec) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// A second process is refused while the first runs the sweep.
func TestTwoAreRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := setup{Config: "  search: random\n  trials: 500\n  space: {x: {range: [0, 1]}}", Fake: fake{Epochs: 3, Each: 30}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := s.run(ctx, folder, t.Logf); done <- err }()
	db := waitForSweep(t, folder)
	defer db.Close()
	if _, err := db.TakeSweep(t.Context(), "fake", results.SweepInfo{}, time.Now); err == nil || !strings.Contains(err.Error(), "is being run already") {
		t.Errorf("got %v", err)
	}
	cancel()
	<-done
	if rec, err := db.LoadSweep(t.Context(), "fake"); err != nil || rec.Status != results.SweepPaused || states(rec)[results.TrialRunning] > 0 {
		t.Errorf("%v: after an interruption got %v, %v", err, rec.Status, states(rec))
	}
}

// TestOverhead prints what a trial costs besides its own second: one after the
// other on one slot. bench/sweep calls it.
func TestOverhead(t *testing.T) {
	if *overhead == 0 {
		t.Skip("-overhead 50 measures; make bench-sweep")
	}
	s := setup{Config: "  search: halton\n  trials: " + strconv.Itoa(*overhead) + "\n  baseline: false\n  space: {x: {range: [0, 1]}}", Fake: fake{Epochs: 1, Each: 1000}}
	begun := time.Now()
	runFake(t, s)
	wall := time.Since(begun)
	fmt.Printf("%d trials of one second: %.2f s, %.0f ms for each besides\n", *overhead, wall.Seconds(), 1000*(wall.Seconds()/float64(*overhead)-1))
}
