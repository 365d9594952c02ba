package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
	"vertebra/sweeps"
)

// The file of a trial gives the very experiment of the trial: as one that extends the
// sweep's file while that says what it said, else with all settings.
func TestBest(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "s.yaml")
	text := `name: s
data: {source: {rsna: {root: d}}, split: {folds: 3}}
train:
  phases: [{name: head, train: [head], epochs: 2, rate: 0.001}, {name: all, train: [all], epochs: 2}]
sweep:
  trials: 9
  seeds: 2
  folds: true
  space:
    train.loss: {choice: [cross_entropy, {focal: {gamma: 1}}]}
    train.loss.focal.gamma: {range: [1, 3]}
    train.ema: {choice: [null, {decay: 0.99}]}
    train.optimizer: {choice: [adam, sgd]}
    train.optimizer.adam.rate: {log: [1e-4, 1e-1]}
    train.phases.head.rate: {same: train.optimizer.adam.rate, times: 0.1}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, err := experiments.LoadSweep(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	rec := &results.SweepRecord{SweepSummary: results.SweepSummary{ID: "2026-11-24-s", SweepInfo: results.SweepInfo{Name: "s", File: file, Objective: "validation.loss", Experiment: string(s.Resolved())}}}
	for i, trial := range []*results.Trial{
		{Origin: results.Baseline},
		{Settings: map[string]string{"train.loss": "{focal: {gamma: 1}}", "train.loss.focal.gamma": "2.5", "train.ema": "null", "train.optimizer": "adam", "train.optimizer.adam.rate": "0.01"}},
		{Settings: map[string]string{"train.loss": "cross_entropy", "train.ema": "{decay: 0.99}", "train.optimizer": "sgd"}, Sets: []string{"train.batch=8", "seed=77"}},
		{Origin: results.Added, Sets: []string{"train.batch=8", "train.batch=16", "train.phases.all.epochs=5"}},
	} {
		trial.Number, trial.State, trial.Value = i, results.TrialDone, 0.5
		var settings []sweeps.Assignment
		if len(trial.Settings) > 0 {
			at, err := s.Space.Locate(trial.Settings)
			if err != nil {
				t.Fatal(err)
			}
			settings = s.Space.Assign(at)
		}
		if trial.Experiment, _, err = maker(s)(settings, trial.Sets, 0); err != nil {
			t.Fatal(i, err)
		}
		rec.Trials = append(rec.Trials, trial)
	}
	read := func(name string, short bool) {
		t.Helper()
		for i, trial := range rec.Trials {
			out := filepath.Join(folder, "deep", name, fmt.Sprint(i)+".yaml")
			text, err := bestCommand{derivedFile: derivedFile{Out: out}, Trial: i}.made(rec, trial)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(string(text), "\nextends: ../../s.yaml\n"); got != short {
				t.Errorf("trial %d: extends the sweep's file: %v, want %v:\n%s", i, got, short, text)
			}
			if err := os.MkdirAll(filepath.Dir(out), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(out, text, 0o600); err != nil {
				t.Fatal(err)
			}
			e, _, err := experiments.Load(out, nil)
			if err != nil {
				t.Errorf("trial %d: %v\n%s", i, err, text)
				continue
			}
			if want := fmt.Sprintf("s-trial-%d", i); e.Name != want {
				t.Errorf("got name %s, want %s", e.Name, want)
			}
			if e.Data.Split.Fold != 0 {
				t.Errorf("trial %d: got fold %d, want all folds, which it was judged by", i, e.Data.Split.Fold)
			}
			e.Name, e.Purpose, e.Data.Split.Fold = "s", "", 1
			changes, err := experiments.Diff([]byte(trial.Experiment), experiments.Resolved(e))
			if err != nil || len(changes) > 0 {
				t.Errorf("trial %d is another experiment: %v %s\n%s", i, err, experiments.Written(changes), text)
			}
		}
	}
	read("kept", true)
	if err := os.WriteFile(file, []byte(strings.Replace(text, "epochs: 2, rate", "epochs: 9, rate", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	read("changed", false)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	read("gone", false)
}

// A trial is judged by the mean of its runs, and told with it.
func TestBestIsAMean(t *testing.T) {
	t.Parallel()
	rec := &results.SweepRecord{SweepSummary: results.SweepSummary{SweepInfo: results.SweepInfo{Objective: "validation.loss"}}}
	for number, values := range [][]float64{{0.1, 0.9}, {0.4, 0.5}} {
		for replicate, v := range values {
			rec.Trials = append(rec.Trials, &results.Trial{Number: number, Replicate: replicate, State: results.TrialDone, Value: v})
		}
	}
	if got, want := bestWords(rec), "validation.loss 0.45 (mean of 2 runs)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTrialOfBest: without a number the best trial, else that one; not one that is not there, or that
// has no experiment.
func TestTrialOfBest(t *testing.T) {
	t.Parallel()
	rec := judged(stage.LowerBetter, results.Trial{Number: 0, State: results.TrialDone, Value: 2, Experiment: "a"}, results.Trial{Number: 1, State: results.TrialDone, Value: 1, Experiment: "b"}, results.Trial{Number: 2, State: results.TrialFailed, Value: 9}).rec
	for asked, want := range map[int]int{-1: 1, 0: 0, 1: 1} {
		if got, err := (bestCommand{Trial: asked}).trial(rec); err != nil || got.Number != want {
			t.Errorf("--trial %d: got %+v, %v, want trial %d", asked, got, err, want)
		}
	}
	for _, asked := range []int{2, 3} {
		if got, err := (bestCommand{Trial: asked}).trial(rec); err == nil || !strings.Contains(err.Error(), "has no such trial that is done") {
			t.Errorf("--trial %d: got %+v, %v", asked, got, err)
		}
	}
	if _, err := (bestCommand{Trial: -1}).trial(judged(stage.LowerBetter).rec); err == nil {
		t.Error("a sweep without trials has a best one")
	}
}
