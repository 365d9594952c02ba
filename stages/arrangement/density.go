package arrangement

import "math"

// freedom are the degrees of freedom of the offsets' distribution. With few, one wrong point
// costs little more the farther off it is; the sum over the others then finds where they agree.
const freedom = 3

// density tells how well an offset fits a pair.
type density struct {
	middle [3]float64
	// white is the inverse of the spread's Cholesky factor, a lower triangle by rows: it turns
	// what an offset differs into units of the spread.
	white [6]float64
}

// newDensity says no where the spread is not positive definite.
func newDensity(middle [3]float64, spread [6]float64) (density, bool) {
	factor, ok := cholesky(spread)
	return density{middle, invert(factor)}, ok
}

// distance is the squared Mahalanobis distance of an offset, of which the Student
// distribution's density is a function.
func (d *density) distance(offset [3]float64) float64 {
	x, y, z := offset[0]-d.middle[0], offset[1]-d.middle[1], offset[2]-d.middle[2]
	w := &d.white
	a, b, c := w[0]*x, w[1]*x+w[2]*y, w[3]*x+w[4]*y+w[5]*z
	return a*a + b*b + c*c
}

// fit is the logarithm of the density over that of the middle: 0 is best. What it leaves out,
// the logarithm of the density of the middle, is the same for all candidates.
func (d *density) fit(offset [3]float64) float64 { return fitOf(d.distance(offset)) }

// fitOf is the fit at a squared Mahalanobis distance (Kotz and Nadarajah 2004, "Multivariate t
// distributions and their applications", equation 1.1; scipy.stats.multivariate_t).
func fitOf(squared float64) float64 {
	return -(freedom + 3.0) / 2 * math.Log(1+squared/freedom)
}

// indifferent is the fit of an offset that is not known: that of a usual one.
var indifferent = fitOf(3)

// cholesky is the lower triangle L by rows with L Lᵀ a symmetric matrix of 3 rows, given as
// its lower triangle by rows.
func cholesky(m [6]float64) (l [6]float64, ok bool) {
	l[0] = math.Sqrt(m[0])
	l[1] = m[1] / l[0]
	l[2] = math.Sqrt(m[2] - l[1]*l[1])
	l[3] = m[3] / l[0]
	l[4] = (m[4] - l[3]*l[1]) / l[2]
	l[5] = math.Sqrt(m[5] - l[3]*l[3] - l[4]*l[4])
	for _, v := range [3]float64{l[0], l[2], l[5]} {
		if !(v >= leastSpread && v <= 10*farthest) {
			return l, false
		}
	}
	return l, true
}

// leastSpread is the smallest standard deviation, mm, that a pair may have: less is no
// measurement of a body.
const leastSpread = 1e-3

// invert is the inverse of a lower triangle.
func invert(l [6]float64) (w [6]float64) {
	w[0], w[2], w[5] = 1/l[0], 1/l[2], 1/l[5]
	w[1] = -l[1] * w[0] * w[2]
	w[4] = -l[4] * w[2] * w[5]
	w[3] = -(l[3]*w[0] + l[4]*w[1]) * w[5]
	return w
}
