package main

import (
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/registry"
	"vertebra/sweeps"
)

// TestDeadline: a sweep ends after so long, or at the next such time of day, whichever comes first.
func TestDeadline(t *testing.T) {
	t.Parallel()
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, 11, day, hour, minute, 0, 0, time.Local)
	}
	long := func(hours int) *time.Duration { d := time.Duration(hours) * time.Hour; return &d }
	clock := func(hour, minute int) *registry.TimeOfDay { c := registry.TimeOfDay(60*hour + minute); return &c }
	for name, c := range map[string]struct {
		cfg       sweeps.Config
		now, want time.Time
	}{
		"never":              {sweeps.Config{}, at(27, 20, 0), time.Time{}},
		"for three hours":    {sweeps.Config{For: long(3)}, at(27, 22, 30), at(28, 1, 30)},
		"until the morning":  {sweeps.Config{Until: clock(7, 5)}, at(27, 22, 30), at(28, 7, 5)},
		"until the same day": {sweeps.Config{Until: clock(23, 59)}, at(27, 22, 30), at(27, 23, 59)},
		"the time is now":    {sweeps.Config{Until: clock(22, 30)}, at(27, 22, 30), at(28, 22, 30)},
		"over a month's end": {sweeps.Config{Until: clock(0, 1)}, at(30, 22, 30), at(31, 0, 1)},
		"for comes first":    {sweeps.Config{For: long(2), Until: clock(7, 0)}, at(27, 22, 0), at(28, 0, 0)},
		"until comes first":  {sweeps.Config{For: long(12), Until: clock(7, 0)}, at(27, 22, 0), at(28, 7, 0)},
		"both at once":       {sweeps.Config{For: long(9), Until: clock(7, 0)}, at(27, 22, 0), at(28, 7, 0)},
		"now is told in UTC": {sweeps.Config{Until: clock(7, 5)}, at(27, 22, 30).UTC(), at(28, 7, 5)},
	} {
		if got := deadline(c.cfg, c.now); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestTrialsOf counts each trial once, and none that somebody added.
func TestTrialsOf(t *testing.T) {
	t.Parallel()
	rec := &results.SweepRecord{Trials: []*results.Trial{{Origin: results.Baseline}, {Replicate: 1, Origin: results.Baseline}, {Number: 1, Origin: results.Searched}, {Number: 2, Origin: results.Added}}}
	if got := trialsOf(rec); got != 2 {
		t.Errorf("got %d, want 2", got)
	}
	for path, want := range map[string]bool{"sweep.space": true, "sweep.space.train.batch": true, "sweep.spaces": false, "sweep": false, "sweep.stop.asha": true} {
		if got := among(path, extends); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}
