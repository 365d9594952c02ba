package queue

import (
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/registry"
	"vertebra/sweeps"
)

// TestNeed: what a trial takes to its next rung, with its start, and to its end, with its evaluation.
func TestNeed(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 11, 24, 22, 0, 0, 0, time.UTC)
	own := &results.Trial{Number: 3, Spans: []results.Span{
		{First: 0, Last: 2, Startup: 4, Begun: begun, Ended: begun.Add(24 * time.Second)}, // 10 s an epoch
	}}
	asha := sweeps.Config{Stop: registry.One[sweeps.Stopper]{Name: "asha", Part: sweeps.ASHA{First: 2, Reduction: 3}}}
	for name, c := range map[string]struct {
		pace         pace
		trial        *results.Trial
		epochs, last int
		begun        bool
		want         time.Duration
	}{
		"to the first rung":           {pace{}, own, 0, 20, true, 20 * time.Second},
		"to the first rung, begun":    {pace{}, own, 0, 20, false, 24 * time.Second},
		"to the next rung":            {pace{}, own, 2, 20, true, 40 * time.Second},
		"to the end":                  {pace{tails: []float64{7, 30, 9}}, own, 18, 20, true, 50 * time.Second},
		"to the end, nobody measured": {pace{}, own, 18, 20, true, 30 * time.Second},
		"another trial":               {pace{epochs: []float64{1, 2, 3, 4}}, &results.Trial{Number: 4}, 0, 20, true, 8 * time.Second},
	} {
		co := &coordinator{o: &Options{Config: asha, Deadline: begun.Add(time.Hour)}, began: begun, pace: c.pace}
		co.pace.learn(own)
		if got := co.need(c.trial, c.epochs, c.last, c.begun); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// TestSpansWithoutEpochs: a process that ended before its first epoch tells what a start takes, and
// nothing of epochs.
func TestSpansWithoutEpochs(t *testing.T) {
	t.Parallel()
	var p pace
	begun := time.Date(2026, 11, 24, 22, 0, 0, 0, time.UTC)
	p.learn(&results.Trial{Spans: []results.Span{{First: 2, Last: 2, Startup: 3, Begun: begun, Ended: begun.Add(time.Minute)}, {First: 2, Last: 3}}})
	if len(p.epochs) != 0 || p.perEpoch(nil) != 0 || len(p.startups) != 1 || p.startups[0] != 3 {
		t.Errorf("got epochs %v, startups %v", p.epochs, p.startups)
	}
}
