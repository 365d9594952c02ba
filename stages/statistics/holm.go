package statistics

import (
	"cmp"
	"math"
	"slices"
)

// Holm corrects p-values for their number, so that the chance of even one wrong
// "different" among them stays below the level (Holm 1979; R's p.adjust, method
// holm). NaN stays NaN and does not count.
func Holm(p []float64) []float64 {
	out, ranks := slices.Clone(p), []int{}
	for i, v := range p {
		if !math.IsNaN(v) {
			ranks = append(ranks, i)
		}
	}
	slices.SortStableFunc(ranks, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	largest := 0.0
	for rank, i := range ranks {
		largest = max(largest, min(1, p[i]*float64(len(ranks)-rank)))
		out[i] = largest
	}
	return out
}
