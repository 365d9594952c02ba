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
// says nothing.
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
	for _, k := range slices.Backward(order) {
		seldom := 0
		for b, v := range samples[k].chances() {
			if least[b] = min(least[b], v); least[b] <= p[k] {
				seldom++
			}
		}
		out[k] = max(p[k], float64(1+seldom)/float64(1+resamples))
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
