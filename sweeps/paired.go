package sweeps

import (
	"maps"
	"slices"
)

func init() {
	Stoppers.Add("paired", "runs the folds or seeds of a trial one after the other, and ends it when it is worse than the best trial on the same ones by more than chance", Paired{P: 0.1})
}

// Paired compares a trial with the best one over the folds and seeds that both
// have, by a permutation test of the signs of their differences (Fisher 1935):
// exact, and without a distribution. Fold against fold, what makes one fold
// harder than another cancels out.
type Paired struct {
	P float64 `help:"a trial ends when chance alone would make it look so much worse this often; with n folds no p is below 1/2^n" over:"0" under:"0.5"`
}

// NeedsReplicates says that one run of each trial is not enough.
func (Paired) NeedsReplicates() bool { return true }

// Asks is never: a fold is trained to the end.
func (Paired) Asks(int) []int { return nil }

// Verdict lets every fold be trained to the end.
func (Paired) Verdict(Field, int, int) Verdict { return GoOn }

// Resume takes up what was paused by other means.
func (Paired) Resume(f Field, _ int, _ bool) (int, bool) { return f.firstPaused() }

// Hopeless says whether a trial with these values by fold and seed is worse than
// the best: by more than noise, and more than chance explains.
func (p Paired) Hopeless(mine, best map[int]float64, noise float64) bool {
	var differences []float64
	sum := 0.0
	for _, r := range slices.Sorted(maps.Keys(mine)) {
		if other, both := best[r]; both {
			differences = append(differences, mine[r]-other)
			sum += mine[r] - other
		}
	}
	n := len(differences)
	return n > 0 && sum/float64(n) > noise && signFlips(differences) <= p.P
}

// maxFlips is how many differences are flipped in all ways: 2^16.
const maxFlips = 16

// signFlips is how often the sum of the differences, each with a sign by chance,
// is as large as it is.
func signFlips(differences []float64) float64 {
	differences = differences[:min(len(differences), maxFlips)]
	observed := 0.0
	for _, d := range differences {
		observed += d
	}
	all, asLarge := 1<<len(differences), 0
	for signs := range all {
		sum := 0.0
		for i, d := range differences {
			if signs>>i&1 == 1 {
				d = -d
			}
			sum += d
		}
		if sum >= observed-1e-12 {
			asLarge++
		}
	}
	return float64(asLarge) / float64(all)
}
