package arrangement

import (
	"math"
	"slices"
)

// What is taken of an offset before any study was seen, worth priorStudies studies: its
// standard deviation is priorSlice mm, since places lie on slices some millimetres apart, and
// besides a part of its length, since patients differ in size.
const (
	priorStudies = 4
	priorSlice   = 3.0
	priorSize    = 0.1
)

// Fit learns how names lie to each other. studies[i][k] is the place of names[k] in study i,
// nil where it is not known. Single wrong places hardly matter.
func Fit(names []string, studies [][]*Place) Arrangement {
	a := Arrangement{Names: slices.Clone(names)}
	for from := range names {
		for to := from + 1; to < len(names); to++ {
			if offsets := offsetsOf(studies, from, to); len(offsets) > 0 {
				p := Pair{From: from, To: to, Studies: len(offsets)}
				p.Offset, p.Spread = student(offsets)
				a.Pairs = append(a.Pairs, p)
			}
		}
	}
	return a
}

// offsetsOf collects the offsets between two names of the studies that have both.
func offsetsOf(studies [][]*Place, from, to int) [][3]float64 {
	var out [][3]float64
	for _, places := range studies {
		if to < len(places) && places[from].finite() && places[to].finite() {
			out = append(out, places[from].to(*places[to]))
		}
	}
	return out
}

// student fits a multivariate Student distribution: the mode of the posterior with an
// inverse Wishart prior on the spread, by expectation and maximisation (Lange, Little and
// Taylor 1989, "Robust statistical modeling using the t distribution"). The spread is widened
// by what is uncertain in the middle.
func student(offsets [][3]float64) (middle [3]float64, spread [6]float64) {
	middle = median(offsets)
	size := priorSlice + priorSize*math.Sqrt(middle[0]*middle[0]+middle[1]*middle[1]+middle[2]*middle[2])
	prior := [6]float64{size * size, 0, size * size, 0, 0, size * size}
	spread = prior
	for range 200 {
		d, _ := newDensity(middle, spread) // a prior is in it, so it is positive definite
		oldMiddle, oldSpread := middle, spread
		middle, spread = reweighed(offsets, &d, prior)
		if near(oldMiddle[:], middle[:]) && near(oldSpread[:], spread[:]) {
			break
		}
	}
	for i := range spread {
		spread[i] *= 1 + 1/float64(len(offsets))
	}
	return middle, spread
}

// reweighed is one step: each offset counts the less the farther off it is.
func reweighed(offsets [][3]float64, d *density, prior [6]float64) (middle [3]float64, spread [6]float64) {
	weights, sum := make([]float64, len(offsets)), 0.0
	for i, o := range offsets {
		weights[i] = (freedom + 3) / (freedom + d.distance(o))
		sum += weights[i]
		for k, v := range o {
			middle[k] += weights[i] * v
		}
	}
	for k := range middle {
		middle[k] /= sum
	}
	for k := range spread {
		spread[k] = priorStudies * prior[k]
	}
	for i, o := range offsets {
		x, y, z := o[0]-middle[0], o[1]-middle[1], o[2]-middle[2]
		for k, v := range [6]float64{x * x, x * y, y * y, x * z, y * z, z * z} {
			spread[k] += weights[i] * v
		}
	}
	for k := range spread {
		spread[k] /= float64(len(offsets)) + priorStudies
	}
	return middle, spread
}

// median is that of each coordinate.
func median(offsets [][3]float64) (out [3]float64) {
	values := make([]float64, len(offsets))
	for k := range out {
		for i, o := range offsets {
			values[i] = o[k]
		}
		slices.Sort(values)
		out[k] = (values[(len(values)-1)/2] + values[len(values)/2]) / 2
	}
	return out
}

// near says whether numbers of mm or mm² are the same for all that matters.
func near(a, b []float64) bool {
	for k := range a {
		if math.Abs(a[k]-b[k]) > 1e-8 {
			return false
		}
	}
	return true
}
