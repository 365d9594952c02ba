package arrangement

import (
	"cmp"
	"math"
	"slices"
)

// Choose gives for each name the place of the chosen one among its candidates, -1 where it has
// none. candidates are in the order of Names. What is chosen is meant to make most
//
//	Σ over names of (log chance + mean over the other names of the pair's fit)
//
// the fit being the log-density of the offset between both chosen places. A pair that was
// never seen says nothing, and one where a place is not known says the same of all candidates;
// a name that has only such is decided by its chances. Equal candidates give the first.
func (a Arrangement) Choose(candidates [][]Candidate) []int {
	b := a.newBoard(candidates)
	best, most := b.byChance(), math.Inf(-1)
	for _, chosen := range b.beginnings() {
		b.improve(chosen)
		if worth := b.worth(chosen); worth > most {
			best, most = chosen, worth
		}
	}
	return best
}

// beginnings are choices to improve: that of chances alone, and those where names are placed
// one after the other, the surest first, each to fit those before. Each of the surest names
// is the first in one of them, since a sure one may be wrong.
func (b *board) beginnings() [][]int {
	const starts = 8
	order := b.surest()
	out := [][]int{b.byChance()}
	for i := range min(starts, len(order)) {
		turned := slices.Concat(order[i:i+1], order[:i], order[i+1:])
		out = append(out, b.oneByOne(turned))
	}
	return out
}

// byChance takes each name's most likely candidate.
func (b *board) byChance() []int {
	out := make([]int, len(b.logs))
	for k, logs := range b.logs {
		out[k] = largest(logs)
	}
	return out
}

// surest orders the names that have candidates by the part of its chances that a name's most
// likely candidate has.
func (b *board) surest() []int {
	var order []int
	sure := make([]float64, len(b.logs))
	for k, logs := range b.logs {
		if len(logs) == 0 {
			continue
		}
		order = append(order, k)
		top, sum := slices.Max(logs), 0.0
		for _, v := range logs {
			sum += math.Exp(v - top)
		}
		sure[k] = 1 / sum
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(sure[j], sure[i]) })
	return order
}

// oneByOne places names in an order, each by its chance and how well it fits, on average,
// those placed before.
func (b *board) oneByOne(order []int) []int {
	chosen := make([]int, len(b.logs))
	for k := range chosen {
		chosen[k] = -1
	}
	for _, k := range order {
		scores := make([]float64, len(b.logs[k]))
		pairs := 0
		for j, at := range chosen {
			if at < 0 || b.pairs[k][j] == nil {
				continue
			}
			pairs++
			for c, fit := range b.fits(j, at)[k] {
				scores[c] += fit
			}
		}
		for c := range scores {
			scores[c] = b.logs[k][c] + scores[c]/float64(max(pairs, 1))
		}
		chosen[k] = largest(scores)
	}
	return chosen
}

// improve moves one name after the other to where all is best while the others stay, until
// none moves: iterated conditional modes (Besag 1986, "On the statistical analysis of dirty
// pictures"). Each move makes the whole worth more, so it ends.
func (b *board) improve(chosen []int) {
	const sweeps = 50
	for range sweeps {
		moved := false
		for k, at := range chosen {
			if at < 0 {
				continue
			}
			scores := b.conditional(chosen, k)
			// A gain of rounding alone could go round in circles.
			if to := largest(scores); scores[to] > scores[at]+1e-9 {
				chosen[k], moved = to, true
			}
		}
		if !moved {
			return
		}
	}
}

// conditional is what each candidate of a name is worth to the whole while the others stay.
func (b *board) conditional(chosen []int, k int) []float64 {
	scores := slices.Clone(b.logs[k])
	for j, at := range chosen {
		if at < 0 || b.pairs[k][j] == nil {
			continue
		}
		weight := b.share[k] + b.share[j]
		for c, fit := range b.fits(j, at)[k] {
			scores[c] += weight * fit
		}
	}
	return scores
}

// worth is the sum that Choose makes large.
func (b *board) worth(chosen []int) float64 {
	sum := 0.0
	for k, at := range chosen {
		if at < 0 {
			continue
		}
		sum += b.logs[k][at]
		for j, other := range chosen {
			if other >= 0 && b.pairs[k][j] != nil {
				sum += b.share[k] * b.fits(j, other)[k][at]
			}
		}
	}
	return sum
}

// largest is the place of the first largest number, -1 where there is none.
func largest(values []float64) int {
	at := -1
	for i, v := range values {
		if at < 0 || v > values[at] {
			at = i
		}
	}
	return at
}
