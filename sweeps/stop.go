package sweeps

import (
	"math"
	"slices"

	"vertebra/stages/registry"
)

// Stopper ends trials that will not be among the best.
type Stopper interface {
	// Asks lists the epochs after which a trial asks whether it may go on, of so
	// many in all; nil for never. Its state is stored before it asks.
	Asks(epochs int) []int
	// Verdict says what a trial does that has just been trained to such an epoch.
	Verdict(f Field, trial, epoch int) Verdict
	// Resume picks a paused trial that is to go on; false for none. closing says
	// that no further trials begin and that none is under way.
	Resume(f Field, epochs int, closing bool) (trial int, ok bool)
}

// Stoppers are all rules of early stopping.
var Stoppers = registry.New[Stopper]("early stopping")

// Verdict is what a trial does after an epoch.
type Verdict int

// The verdicts.
const (
	GoOn  Verdict = iota
	Pause         // it may go on later
	End           // it will not
)

// Field is what a stopper sees of a sweep.
type Field struct {
	Tracks []Track
	// Noise is how far the values of two equal trials lie apart by their seeds
	// alone, as a standard deviation; 0 where nobody measured that. No trial ends
	// for a smaller difference.
	Noise float64
}

// Track is how a trial went so far.
type Track struct {
	Trial  int
	Values []float64 // after each epoch; smaller is better, NaN where there was none
	Paused bool
	Over   bool // whole, ended or failed
	Failed bool
}

func (f Field) track(trial int) Track {
	for _, t := range f.Tracks {
		if t.Trial == trial {
			return t
		}
	}
	return Track{Trial: trial}
}

// bestUntil is the smallest value of the first epochs; +Inf without any.
func (t Track) bestUntil(epoch int) float64 {
	best := math.Inf(1)
	for _, v := range t.Values[:min(epoch, len(t.Values))] {
		if v < best { // not where it is NaN
			best = v
		}
	}
	return best
}

// meanUntil is the mean of the values of the first epochs that are numbers; +Inf of none.
func (t Track) meanUntil(epoch int) float64 {
	sum, n := 0.0, 0
	for _, v := range t.Values[:min(epoch, len(t.Values))] {
		if !math.IsNaN(v) {
			sum, n = sum+v, n+1
		}
	}
	if n == 0 {
		return math.Inf(1)
	}
	return sum / float64(n)
}

func init() {
	Stoppers.Add("none", "every trial is trained to the end", None{})
}

// None stops nothing.
type None struct{}

// Asks is never.
func (None) Asks(int) []int { return nil }

// Verdict lets every trial go on.
func (None) Verdict(Field, int, int) Verdict { return GoOn }

// Resume takes up what was paused by other means, the first first.
func (None) Resume(f Field, _ int, _ bool) (int, bool) { return f.firstPaused() }

func (f Field) firstPaused() (int, bool) {
	i := slices.IndexFunc(f.Tracks, func(t Track) bool { return t.Paused && !t.Over })
	if i < 0 {
		return 0, false
	}
	return f.Tracks[i].Trial, true
}
