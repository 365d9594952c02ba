package statistics

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

var normal = distuv.UnitNormal

// Sample is what is known of one number: its value, its bootstrap replicates
// and its jackknife values (nil for the percentile method).
type Sample struct {
	Value      float64
	Replicates []float64
	Jackknife  []float64
	// Clusters is their number. With it, intervals are widened as Student's t
	// is against the normal (Hesterberg 2015, "What teachers should know about
	// the bootstrap", section 6.3, expanded percentiles); 0 leaves that out.
	Clusters int
}

// Interval gives the ends of the interval that holds the true number with
// probability level, and NaN where more than half of the replicates do not
// exist, or where there is nothing to learn from them (see Constant). Replicates that
// do not exist are left out. Ends are interpolated linearly, as numpy's percentile.
//
// With a jackknife it is bias-corrected and accelerated (Efron 1987, "Better
// bootstrap confidence intervals"), else that of percentiles. Where resamples are so biased that
// it would leave out the value itself, as those of calibration errors of few cases can
// be, it is that of percentiles, with the value.
func (s Sample) Interval(level float64) (low, high float64) {
	sorted := existing(s.Replicates)
	if 2*len(sorted) <= len(s.Replicates) || math.IsNaN(s.Value) || s.Constant() {
		return math.NaN(), math.NaN()
	}
	slices.Sort(sorted)
	b := s.correction(sorted)
	z := s.widened(normal.Quantile((1 + level) / 2))
	low, high = quantile(sorted, b.share(-z)), quantile(sorted, b.share(z))
	if s.Value < low || s.Value > high {
		b = correction{}
		low, high = quantile(sorted, b.share(-z)), quantile(sorted, b.share(z))
	}
	return min(low, s.Value), max(high, s.Value)
}

// Constant says whether every replicate is the value itself, as of an accuracy of 1. Such a
// bootstrap does not know how far the number may be from the true one: no mistake among ten
// patients does not mean that there are none among others.
func (s Sample) Constant() bool {
	there := existing(s.Replicates)
	return len(there) > 0 && !slices.ContainsFunc(there, func(v float64) bool { return v != s.Value })
}

// PValue is that of the two-sided hypothesis that the true number, a difference, is zero: 1
// minus the level of the interval of percentiles that just reaches zero. Beyond the last replicate, where no
// interval of them reaches, see beyond.
func (s Sample) PValue() float64 {
	there := existing(s.Replicates)
	if 2*len(there) <= len(s.Replicates) || math.IsNaN(s.Value) {
		return math.NaN()
	}
	below := 0.0
	for _, v := range there {
		switch {
		case v < 0:
			below++
		case v == 0:
			below += 0.5
		}
	}
	n := float64(len(there))
	if s.Value <= 0 && below <= n/2 || s.Value >= 0 && below >= n/2 {
		return 1 // zero lies between the value and the middle of the replicates: each interval holds both
	}
	share := min(max(below, 0.5), n-0.5) / n // a bootstrap cannot tell less than this
	p := s.tails(normal.Quantile(share))
	if below == 0 || below == n {
		p = min(p, s.beyond(there))
	}
	return p
}

// beyond is the p-value where all replicates lie on one side of zero: how many they are must
// not be what decides. It is that of Student's t for the value over the spread of the
// replicates, and no less than the smallest that changing the signs of so many clusters could
// give (Fisher's exact test), since nothing is known of tails so far out.
func (s Sample) beyond(there []float64) float64 {
	if s.Clusters < 2 {
		return 1
	}
	least := math.Pow(2, 1-float64(s.Clusters))
	spread := StandardDeviation(there)
	if !(spread > 0) {
		return least
	}
	return max(least, s.tails(s.Value/spread))
}

// correction is what BCa knows of a bootstrap distribution.
type correction struct{ bias, acceleration float64 }

func (s Sample) correction(sorted []float64) correction {
	jackknife := existing(s.Jackknife)
	if len(jackknife) == 0 {
		return correction{}
	}
	n := float64(len(sorted))
	below, _ := slices.BinarySearch(sorted, s.Value)
	above := len(sorted)
	for above > below && sorted[above-1] > s.Value {
		above--
	}
	share := (float64(below) + float64(above)) / (2 * n) // as SciPy counts ties
	bias := normal.Quantile(min(max(share, 0.5/n), 1-0.5/n))
	return correction{bias, acceleration(jackknife)}
}

// acceleration is a sixth of the skewness of the jackknife's deviations.
func acceleration(jackknife []float64) float64 {
	mean := 0.0
	for _, v := range jackknife {
		mean += v / float64(len(jackknife))
	}
	squares, cubes := 0.0, 0.0
	for _, v := range jackknife {
		d := mean - v
		squares += d * d
		cubes += d * d * d
	}
	if squares == 0 {
		return 0
	}
	return cubes / (6 * math.Pow(squares, 1.5))
}

// share says which share of the replicates lies below the end that a normal
// deviate stands for.
func (c correction) share(z float64) float64 {
	u := c.bias + z
	scale := 1 - c.acceleration*u
	if scale <= 0 { // so skewed that the formula folds over
		if u > 0 {
			return 1
		}
		return 0
	}
	return normal.CDF(c.bias + u/scale)
}

// widened turns a normal deviate into that of Student's t for so many clusters;
// a resample spreads less than a sample by (n−1)/n.
func (s Sample) widened(z float64) float64 {
	if s.Clusters < 2 {
		return z
	}
	n := float64(s.Clusters)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}
	return t.Quantile(normal.CDF(z)) * math.Sqrt(n/(n-1))
}

// tails undoes widened: the probability of both tails beyond a deviate.
func (s Sample) tails(z float64) float64 {
	if s.Clusters < 2 {
		return min(1, 2*normal.CDF(-math.Abs(z)))
	}
	n := float64(s.Clusters)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}
	return min(1, 2*t.CDF(-math.Abs(z)/math.Sqrt(n/(n-1))))
}

func existing(values []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(values), math.IsNaN)
}

// quantile interpolates linearly between the neighbours in rank.
func quantile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	below := int(math.Floor(at))
	if below+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	part := at - float64(below)
	return sorted[below] + part*(sorted[below+1]-sorted[below])
}
