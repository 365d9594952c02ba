package statistics

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// Joint corrects the p-values of numbers that were drawn together, so that the chance of
// even one wrong "different" among them stays below the level. Unlike Holm's, it knows how
// they go together: of numbers that say nearly the same it takes little away. It is the
// step-down minP of Westfall and Young (1993, algorithm 2.8), with the replicates around
// their mean as what would be seen without a difference. Replicates of one place must come
// of one resample. A p that is NaN stays NaN and does not count; a replicate that is NaN
// says nothing. Of a p that is smaller than one resample is of all, resamples tell no more than
// that they go as far as that one; Holm's correction, which needs none, may say less.
func Joint(samples []Sample, p []float64) []float64 {
	out, order := slices.Clone(p), []int{} // the smallest p first
	for k, v := range p {
		if !math.IsNaN(v) {
			order = append(order, k)
		}
	}
	if len(order) < 2 {
		return out
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	resamples := len(samples[order[0]].Replicates)
	least := slices.Repeat([]float64{1}, resamples) // of the numbers from here to the largest p
	for at, k := range slices.Backward(order) {
		seldom, seen := 0, max(p[k], 1/float64(resamples))
		for b, v := range samples[k].chances() {
			if least[b] = min(least[b], v); least[b] <= seen {
				seldom++
			}
		}
		out[k] = max(p[k], float64(1+seldom)/float64(1+resamples))
		if holm := p[k] * float64(len(order)-at); seen > p[k] {
			out[k] = min(out[k], max(p[k], holm))
		}
	}
	for i, k := range order[1:] {
		out[k] = max(out[k], out[order[i]])
	}
	return out
}

// chances gives for each replicate what share of all lies at least as far from their mean.
func (s Sample) chances() []float64 {
	mean := Mean(existing(s.Replicates))
	far := make([]float64, 0, len(s.Replicates))
	for _, v := range s.Replicates {
		if !math.IsNaN(v) {
			far = append(far, math.Abs(v-mean))
		}
	}
	sort.Float64s(far)
	out := make([]float64, len(s.Replicates))
	for b, v := range s.Replicates {
		out[b] = 1
		if !math.IsNaN(v) {
			out[b] = float64(len(far)-sort.SearchFloat64s(far, math.Abs(v-mean))) / float64(len(far))
		}
	}
	return out
}
