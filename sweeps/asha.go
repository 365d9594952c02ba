package sweeps

import (
	"slices"
)

func init() {
	Stoppers.Add("asha", "successive halving: each trial pauses at rungs, and the best part of every rung goes on from its checkpoint", ASHA{First: 2, Reduction: 3})
}

// ASHA is asynchronous successive halving with promotion (Li et al. 2020, "A
// system for massively parallel hyperparameter tuning", algorithm 2): a trial
// that is not among the best of its rung waits, and may still be promoted when
// worse ones have come.
type ASHA struct {
	First     int `help:"epochs of the first rung" min:"1"`
	Reduction int `help:"one of so many trials of a rung goes on; each rung has so many times the epochs of the one before" min:"2" max:"64"`
}

// Asks gives the rungs below the last epoch.
func (a ASHA) Asks(epochs int) []int {
	var out []int
	for rung := a.First; rung < epochs; rung *= a.Reduction {
		out = append(out, rung)
	}
	return out
}

// Verdict promotes at once where the trial is among the best of its rung.
func (a ASHA) Verdict(f Field, trial, epoch int) Verdict {
	if slices.Contains(a.promotable(f, epoch, false), trial) {
		return GoOn
	}
	return Pause
}

// Resume looks from the highest rung down. At the end of a sweep one trial of
// each rung goes on, however few there are.
func (a ASHA) Resume(f Field, epochs int, closing bool) (int, bool) {
	rungs := a.Asks(epochs)
	for _, rung := range slices.Backward(rungs) {
		for _, trial := range a.promotable(f, rung, closing) {
			if t := f.track(trial); t.Paused && len(t.Values) <= rung {
				return trial, true
			}
		}
	}
	for _, t := range f.Tracks { // was paused by somebody else, between two rungs
		if t.Paused && !t.Over && !slices.Contains(rungs, len(t.Values)) {
			return t.Trial, true
		}
	}
	return 0, false
}

// promotable are the best trials of a rung: one of Reduction, and those that
// noise alone may keep from being among them.
func (a ASHA) promotable(f Field, rung int, closing bool) []int {
	there := slices.DeleteFunc(slices.Clone(f.Tracks), func(t Track) bool { return len(t.Values) < rung || t.Failed })
	slices.SortStableFunc(there, func(x, y Track) int {
		switch d := x.bestUntil(rung) - y.bestUntil(rung); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return x.Trial - y.Trial
	})
	n := len(there) / a.Reduction
	if closing && len(there) > 0 {
		n = max(n, 1)
	}
	var out []int
	for i, t := range there {
		if i < n || n > 0 && f.Noise > 0 && t.bestUntil(rung) <= there[n-1].bestUntil(rung)+f.Noise {
			out = append(out, t.Trial)
		}
	}
	return out
}
