package preprocess

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPercentilesLikeNumpy(t *testing.T) {
	t.Parallel()
	for i, r := range readReference(t).Percentiles {
		before := slices.Clone(r.Values)
		got, err := percentiles(r.Values, r.Percents)
		if err != nil {
			t.Fatal(err)
		}
		half := len(r.Values) / 2
		if counted, err := histogramOf(r.Values[:half]).merge(histogramOf(r.Values[half:])).Percentiles(r.Percents); err != nil || !slices.Equal(counted, got) {
			t.Errorf("set %d: the histogram has %v (%v), want %v", i, counted, err, got)
		}
		for j := range got {
			if !(math.Abs(got[j]-r.Want[j]) <= 1e-9*max(1, math.Abs(r.Want[j]))) {
				t.Errorf("set %d, percent %v: got %v, want %v", i, r.Percents[j], got[j], r.Want[j])
			}
		}
		if !slices.Equal(before, r.Values) {
			t.Errorf("set %d was changed", i)
		}
	}
	if _, err := percentiles(nil, []float64{50}); err == nil {
		t.Error("percentiles of nothing want an error")
	}
}

func TestAtRanksLikeSorting(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]float32, 500)
	for i := range values {
		values[i] = float32(r.NormFloat64() * math.Pow(10, float64(r.IntN(9)-4)))
	}
	ranks := make([]int, len(values))
	for i := range ranks {
		ranks[i] = i
	}
	got := atRanks(values, ranks[:200])
	got = append(got, atRanks(values, ranks[200:])...)
	slices.Sort(values)
	if !slices.Equal(got, values) {
		t.Error("ranks differ from sorted values")
	}
}
