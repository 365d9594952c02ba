package queue

import (
	"context"
	"slices"
	"strings"
	"testing"

	"vertebra/results"
)

// gpus are two devices of 10 GB that four trials may share each.
func gpus() (slots []Slot) {
	for _, name := range []string{"#1", "#2", "#3", "#4"} {
		for _, device := range []string{"cuda:0", "cuda:1"} {
			slots = append(slots, Slot{Device: device, Name: device + name, Memory: 10e9})
		}
	}
	return slots
}

// Slots are taken as far as memory reaches, each device's first before any second.
func TestSharedGPUs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what    string
		need    float64
		most    map[string]int
		want    int // trials at once
		measure bool
	}{
		{"nothing is measured", 0, nil, 2, true},
		{"three fit", 3e9, nil, 6, true},
		{"two fit, with what is to be left alone", 3.5e9, nil, 4, true},
		{"one fits", 5e9, nil, 2, true},
		{"too large, but the only one", 20e9, nil, 2, true},
		{"more fit than there are slots", 1e9, nil, 8, true},
		{"two ran out of memory", 1e9, map[string]int{"cuda:1": 1}, 5, true},
		{"a number was asked for", 0, nil, 8, false},
	} {
		o := Options{Slots: gpus()}
		if test.measure {
			o.Measure = func(context.Context, string) (float64, error) { return 0, nil }
		}
		c := &coordinator{o: &o, sharing: sharing{need: test.need, most: test.most}}
		for {
			slot, free := c.freeSlot()
			if !free {
				break
			}
			c.running = append(c.running, &process{slot: slot})
		}
		if len(c.running) != test.want {
			t.Errorf("%s: %d trials at once, want %d", test.what, len(c.running), test.want)
		}
		if c.running[0].slot.Device == c.running[1].slot.Device {
			t.Errorf("%s: %s has two, and the other device none", test.what, c.running[0].slot.Device)
		}
	}
}

// A sweep begins with one trial on the device, and goes on with as many as fit. One
// that runs out of memory beside others is tried again with its own settings.
func TestSweepSharesGPU(t *testing.T) {
	t.Parallel()
	s := setup{Config: "  search: grid\n  baseline: false\n  space: {x: {choice: [0.1, 0.2, 0.3, -8, 0.5, 0.6]}}", Fake: fake{Epochs: 3, Each: 60}}
	s.Device = Slot{Device: "cuda:0", Memory: 10e9}
	s.Slots, s.Takes = 4, 2e9
	_, rec, _ := runFake(t, s)
	if got := states(rec); got[results.TrialDone] != 6 {
		t.Fatalf("got %v", got)
	}
	first := rec.Trials[0].Spans[0]
	for _, trial := range rec.Trials[1:] {
		if trial.Spans[0].Begun.Before(first.Ended) {
			t.Errorf("trial %d began beside the first, before anybody knew what a trial takes", trial.Number)
		}
	}
	if second, third := rec.Trials[1].Spans[0], rec.Trials[2].Spans[0]; !third.Begun.Before(second.Ended) {
		t.Error("the second and third trial did not share the device")
	}
	if trial := rec.Trials[3]; len(trial.Spans) != 2 || trial.Spans[0].Outcome != "crowded" || len(trial.Sets) != 0 {
		t.Errorf("%+v", trial)
	}
	if !slices.ContainsFunc(rec.Events, func(e results.SweepEvent) bool { return strings.Contains(e.Text, "3 trials fit on cuda:0") }) {
		t.Errorf("%+v", rec.Events)
	}
}
