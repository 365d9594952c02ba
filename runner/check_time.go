package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/locate"
	"vertebra/stages/pretrain"
	"vertebra/stages/train"
)

// pacesKnown is of how many of the latest runs the speed is looked at.
const pacesKnown = 40

// timePlan is how long training would take, by what earlier runs did in a second on the
// device of the latest.
type timePlan struct {
	Seconds float64     `json:"seconds"` // of all epochs, at most
	Phases  []phaseTime `json:"phases"`
	Device  string      `json:"device"`
	// Rest is what the latest run of this name took besides its epochs.
	Rest float64 `json:"rest_seconds,omitempty"`
}

// phaseTime is the part of one phase, and the run that it was taken from.
type phaseTime struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	Run     string  `json:"measured_run"`
	// Scaled says how many times as much arithmetic an image is here as there.
	Scaled float64 `json:"work_ratio"`
}

// planTime asks the database; nil where it knows no speed yet, or is not there.
func planTime(ctx context.Context, path string, e experiments.Experiment, p experiments.Plan) (*timePlan, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, nil
	}
	db, err := results.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	paces, err := db.Paces(ctx, train.Operations, pacesKnown)
	if err := errors.Join(err, db.Close()); err != nil || len(paces) == 0 {
		return nil, err
	}
	return foresee(paces, p, e.Train.Compute.Precision), nil
}

// foresee finds for each phase the run whose images cost most nearly the same.
func foresee(paces []results.Pace, p experiments.Plan, precision string) *timePlan {
	out := &timePlan{Device: paces[0].Device}
	paces = comparable(paces, precision)
	runs := float64(max(1, len(p.Data.FoldRuns)))
	whole := 0.0 // most work of an image, as of layers whose outputs are computed once
	for _, phase := range p.Phases {
		whole = max(whole, phase.Work.Image)
	}
	other := func(name string, w experiments.Work, times float64) {
		like := nearest(paces, w.Image)
		seconds := times * w.Epochs / like.Operations / 1e9
		out.Seconds += seconds
		out.Phases = append(out.Phases, phaseTime{name, seconds, like.Run, w.Image / workOf(like)})
	}
	if p.Pretrain != nil {
		other(pretrain.Name, p.Pretrain.Work, runs)
	}
	for _, phase := range p.Phases {
		like := nearest(paces, phase.Work.Image)
		seconds := phase.Work.Epochs / like.Operations
		if phase.Work.Once > 0 {
			seconds += phase.Work.Once / nearest(paces, whole).Operations
		}
		seconds *= runs / 1e9
		out.Seconds += seconds
		out.Phases = append(out.Phases, phaseTime{phase.Name, seconds, like.Run, phase.Work.Image / workOf(like)})
	}
	if p.Locate != nil {
		other(locate.Name, p.Locate.Work, 1)
	}
	for _, known := range paces {
		if known.Name == p.Name && known.Rest > 0 {
			out.Rest = known.Rest.Seconds()
			break
		}
	}
	return out
}

// comparable leaves the runs on the latest's device, and of these the ones of the wanted
// precision if there are any.
func comparable(paces []results.Pace, precision string) []results.Pace {
	var here, alike []results.Pace
	for _, p := range paces {
		if p.Device == paces[0].Device {
			here = append(here, p)
			if p.Precision == precision {
				alike = append(alike, p)
			}
		}
	}
	if len(alike) > 0 {
		return alike
	}
	return here
}

// workOf is the arithmetic of an image, in operations.
func workOf(p results.Pace) float64 { return 1e9 * p.Operations / p.Images }

// nearest is the phase with the most similar work for an image; of equal ones the latest.
func nearest(paces []results.Pace, work float64) (best results.Pace) {
	least := math.Inf(1)
	for _, p := range paces {
		if d := math.Abs(math.Log(work / workOf(p))); d < least-0.01 {
			best, least = p, d
		}
	}
	return best
}

// printTime says it in words.
func printTime(out io.Writer, t *timePlan) error {
	if t == nil {
		_, err := fmt.Fprintln(out, "time    unknown: no run in this database has trained yet; after one epoch of any run, its speed tells")
		return err
	}
	var parts []string
	least, most := 1.0, 1.0
	for _, p := range t.Phases {
		parts = append(parts, p.Name+" "+roughly(p.Seconds))
		least, most = min(least, p.Scaled), max(most, p.Scaled)
	}
	words := fmt.Sprintf("time    at most about %s of training on %s", roughly(t.Seconds), t.Device)
	if len(parts) > 1 {
		words += " (" + strings.Join(parts, ", ") + ")"
	}
	if t.Rest > 0 {
		words += fmt.Sprintf(", and %s besides", roughly(t.Rest))
	}
	words += fmt.Sprintf("\n        by the speed of run %s", t.measured())
	if least < 0.95 || most > 1.05 {
		words += fmt.Sprintf(": a rough guess, since images here take %s to %s times the arithmetic", twoDigits(least), twoDigits(most))
	}
	_, err := fmt.Fprintln(out, words)
	return err
}

// measured is the run that the last phase was taken from, mostly the longest one.
func (t *timePlan) measured() string { return t.Phases[len(t.Phases)-1].Run }

// twoDigits is a positive number with two significant digits: 180, where %.2g gives 1.8e+02.
func twoDigits(v float64) string {
	unit := math.Pow(10, max(-9, math.Floor(math.Log10(v)))-1)
	return strconv.FormatFloat(math.Round(v/unit)*unit, 'g', 6, 64)
}

// roughly writes a time as people say it: 40 s, 12 min, 3 h 20 min.
func roughly(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.2g s", max(seconds, 0.1))
	case d < 100*time.Second:
		return fmt.Sprintf("%.0f s", seconds)
	case d < 100*time.Minute:
		return twoDigits(d.Minutes()) + " min"
	case d < 48*time.Hour:
		d = d.Round(10 * time.Minute)
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%.1f days", d.Hours()/24)
}
