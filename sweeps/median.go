package sweeps

import (
	"slices"
)

func init() {
	Stoppers.Add("median", "ends a trial whose best value is worse than the median of what the others had by then", Median{First: 2, Startup: 5})
}

// Median is the rule of Golovin et al. 2017 ("Google Vizier", 3.2.2): a trial's
// best value against the median of the running means of the others.
type Median struct {
	First   int `help:"epochs that every trial is trained" min:"1"`
	Startup int `help:"trials that must have been trained so far before one ends" min:"1"`
}

// Asks is after every epoch from the first on.
func (m Median) Asks(epochs int) []int {
	var out []int
	for e := m.First; e < epochs; e++ {
		out = append(out, e)
	}
	return out
}

// Verdict compares with all others that came as far.
func (m Median) Verdict(f Field, trial, epoch int) Verdict {
	var means []float64
	for _, t := range f.Tracks {
		if t.Trial == trial || t.Failed || len(t.Values) < epoch {
			continue
		}
		means = append(means, t.meanUntil(epoch))
	}
	if len(means) < m.Startup {
		return GoOn
	}
	slices.Sort(means)
	median := (means[(len(means)-1)/2] + means[len(means)/2]) / 2
	if f.track(trial).bestUntil(epoch) > median+f.Noise {
		return End
	}
	return GoOn
}

// Resume takes up what was paused by other means.
func (Median) Resume(f Field, _ int, _ bool) (int, bool) { return f.firstPaused() }
