package main

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
)

// TestImportanceOfWholeTrials: what trials gave that were ended early, or still run, says nothing of
// the importance of settings.
func TestImportanceOfWholeTrials(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../experiments/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sweep := "\nsweep: {trials: 99, space: {train.optimizer.adam.rate: {range: [0.001, 1]}, train.batch: {integer: [1, 100]}}}\n"
	s, err := experiments.ReadSweep(append(text, sweep...))
	if err != nil {
		t.Fatal(err)
	}
	rec := &results.SweepRecord{SweepSummary: results.SweepSummary{SweepInfo: results.SweepInfo{Objective: "validation.loss"}}}
	add := func(rate float64, batch int, state results.TrialState, value float64) {
		rec.Trials = append(rec.Trials, &results.Trial{Number: len(rec.Trials), Origin: results.Searched, State: state, Value: value,
			Settings: map[string]string{"train.optimizer.adam.rate": fmt.Sprint(rate), "train.batch": fmt.Sprint(batch)}})
	}
	for i := range 40 {
		rate, batch := float64(i+1)/40, 1+(37*i)%100
		add(rate, batch, results.TrialDone, rate)
		add(rate, batch, []results.TrialState{results.Stopped, results.Paused, results.TrialRunning, results.TrialFailed}[i%4], 5+float64(batch))
	}
	b := boardOf(rec, s)
	for _, i := range b.importances() {
		if i.With == "" && (i.Path == "train.batch") != (i.Share < 0.1) {
			t.Errorf("%s explains %.2f", i.Path, i.Share)
		}
	}
	figures, _ := b.importance()
	bars := figures[0].(stage.Bars)
	if want := "over 40 trials trained to the end; 30 that were not are left out"; !strings.Contains(bars.YLabel, want) {
		t.Errorf("got %q, want %q", bars.YLabel, want)
	}
	if got := b.settings()[0].Path; got != "train.optimizer.adam.rate" {
		t.Errorf("the first axis is %s", got)
	}

	// Of a trial of several runs all count, or else none.
	rec.Trials = []*results.Trial{{Number: 0, State: results.TrialDone, Value: 1}, {Number: 0, Replicate: 1, State: results.TrialFailed, Value: math.NaN()}, {Number: 1, State: results.TrialDone}, {Number: 1, Replicate: 1, State: results.Paused}}
	if b.rec = rec; !b.whole(0) || b.whole(1) || b.whole(2) {
		t.Errorf("whole: %v, %v, %v", b.whole(0), b.whole(1), b.whole(2))
	}
}

// TestPointsOfTrials: the baseline stands where the experiment does, searched trials where they were
// asked for, and those that somebody added to the queue nowhere, as they may lie beside the space.
func TestPointsOfTrials(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../experiments/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := experiments.ReadSweep(append(text, "\nsweep: {trials: 9, space: {train.batch: {integer: [1, 100]}}}\n"...))
	if err != nil {
		t.Fatal(err)
	}
	rec := &results.SweepRecord{Trials: []*results.Trial{
		{Number: 0, Origin: results.Baseline}, {Number: 1, Origin: results.Searched, Settings: map[string]string{"train.batch": "7"}}, {Number: 2, Settings: map[string]string{"train.batch": "9"}},
	}}
	b := boardOf(rec, s)
	if base, inside := s.BasePoint(); !inside || !reflect.DeepEqual(b.points[0], base) || rec.Trials[0].Settings["train.batch"] == "" {
		t.Errorf("the baseline lies at %v with %v, the experiment at %v", b.points[0], rec.Trials[0].Settings, base)
	}
	if len(b.points) != 2 || s.Space.Values(b.points[1])["train.batch"] != "7" {
		t.Errorf("got %v", b.points)
	}
	if got := b.numbers(); !reflect.DeepEqual(got, []int{0, 1, 2}) {
		t.Errorf("got the trials %v", got)
	}
}
