package evaluate

import "math"

// cox is the logistic regression of whether a class happened on the logit of its probability
// (Cox 1958, "Two further applications of a model for binary regression").
type cox struct {
	stated   []float64 // probabilities
	logit    []float64
	happened []float64 // 1 or 0
	weights  []float64
	// begin holds the parameters that a fit begins with.
	begin struct{ alone, intercept, slope float64 }
}

// newCox finds where fits with other weights begin.
func newCox(p Predictions, class int) cox {
	n := len(p.Items)
	c := cox{stated: make([]float64, n), logit: make([]float64, n), happened: make([]float64, n), weights: p.weights()}
	for i, item := range p.Items {
		v := min(max(item.Probabilities[class], epsilon), 1-epsilon)
		c.stated[i], c.logit[i] = item.Probabilities[class], math.Log(v/(1-v))
		if item.Label == class {
			c.happened[i] = 1
		}
	}
	if c.varies() {
		c.begin.alone = c.alone()
		if c.overlaps() {
			c.begin.intercept, c.begin.slope = c.both()
		}
	}
	return c
}

func (c cox) fit() (r recalibration) {
	for i, w := range c.weights {
		r.observed += w * c.happened[i]
		r.expected += w * c.stated[i]
	}
	r.intercept, r.slope = math.NaN(), math.NaN()
	if c.varies() {
		r.intercept = c.alone()
		if c.overlaps() {
			_, r.slope = c.both()
		}
	}
	return r
}

// varies says whether there are cases of the class, and others.
func (c cox) varies() bool {
	in, out := 0.0, 0.0
	for i, w := range c.weights {
		in, out = in+w*c.happened[i], out+w*(1-c.happened[i])
	}
	return in > 0 && out > 0
}

// overlaps says whether no threshold parts the cases of the class from all others: of one
// explaining variable the likelihood has a largest value then, and only then (Albert and
// Anderson 1984).
func (c cox) overlaps() bool {
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i, w := range c.weights {
		if w > 0 {
			k := int(c.happened[i])
			low[k], high[k] = min(low[k], c.logit[i]), max(high[k], c.logit[i])
		}
	}
	return high[0] > low[1] && high[1] > low[0]
}

// closeEnough is how much parameters may still change, of 1 or themselves.
const closeEnough = 1e-11

// alone finds the intercept beside a slope of 1: where as many cases are expected as happened.
// Expected cases grow with it, so each step closes in from one side, and one that leaves what is
// closed in, as Newton's do where probabilities are 0 and 1, goes to the middle.
func (c cox) alone() float64 {
	low, high, a := -100.0, 100.0, c.begin.alone
	for range 200 {
		g, _, h, _, _ := c.gradient(a, 1)
		if g > 0 {
			low = a
		} else {
			high = a
		}
		next := a + g/h
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		if moved := math.Abs(next - a); moved <= closeEnough*(1+math.Abs(a)) {
			return next
		}
		a = next
	}
	return a
}

// both makes the likelihood largest over intercept and slope, by Newton's steps. It is concave, so
// a step that makes it smaller was too long.
func (c cox) both() (a, b float64) {
	a, b = c.begin.intercept, c.begin.slope
	here := c.likelihood(a, b)
	for range 200 {
		ga, gb, haa, hab, hbb := c.gradient(a, b)
		det := haa*hbb - hab*hab
		da, db := (hbb*ga-hab*gb)/det, (haa*gb-hab*ga)/det
		there := c.likelihood(a+da, b+db)
		for half := 0; half < 60 && !(there >= here-1e-14*math.Abs(here)); half++ {
			da, db = da/2, db/2
			there = c.likelihood(a+da, b+db)
		}
		a, b, here = a+da, b+db, there
		if math.Abs(da) <= closeEnough*(1+math.Abs(a)) && math.Abs(db) <= closeEnough*(1+math.Abs(b)) {
			break
		}
	}
	return a, b
}

// gradient gives the first and, with the sign turned, the second derivatives of the likelihood.
func (c cox) gradient(a, b float64) (ga, gb, haa, hab, hbb float64) {
	for i, w := range c.weights {
		if w == 0 {
			continue
		}
		x := c.logit[i]
		p := 1 / (1 + math.Exp(-a-b*x))
		g, h := w*(c.happened[i]-p), w*p*(1-p)
		ga, gb = ga+g, gb+g*x
		haa, hab, hbb = haa+h, hab+h*x, hbb+h*x*x
	}
	return ga, gb, haa, hab, hbb
}

// likelihood is its logarithm.
func (c cox) likelihood(a, b float64) (sum float64) {
	for i, w := range c.weights {
		if w == 0 {
			continue
		}
		z := a + b*c.logit[i]
		if c.happened[i] == 1 {
			z = -z
		}
		// −ln(1 + eᶻ), for any z
		sum -= w * (max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))))
	}
	return sum
}
