package sweeps

import (
	"cmp"
	"math"
	"slices"
)

func init() {
	Searches.Add("tpe", "tree-structured Parzen estimator: draws where good trials are dense and bad ones are not", TPE{Startup: 10, Candidates: 64, Joint: true})
}

// TPE is the estimator of Bergstra et al. 2011 ("Algorithms for hyper-parameter
// optimization") with the defaults that Optuna made of it: the best tenth are the
// good trials, 25 at most; kernels are Gaussians cut at the ends of the domain.
type TPE struct {
	Startup    int  `help:"trials drawn at random before the first is estimated" min:"1"`
	Candidates int  `help:"points that are drawn from the good trials' density; the best of them is tried" min:"1" max:"10000"`
	Joint      bool `help:"estimates settings that count together as one, and not each alone: it sees that two belong together (Falkner et al. 2018)"`
}

// Next estimates both densities and takes the candidate with the largest ratio.
func (t TPE) Next(q Question) (Proposal, error) {
	told := q.told()
	if len(told) < t.Startup {
		return Random{}.Next(q)
	}
	good, bad := split(q.Past, min(int(math.Ceil(0.1*float64(len(told)))), 25))
	at, err := q.fresh(func(i int) Point { return t.suggest(q, good, bad, i) })
	return Proposal{Point: at}, err
}

// split gives the n best trials and all others, both in the order in which they
// were made: older ones weigh less. Trials under way are among the others, so that
// the next is elsewhere.
func split(past []Seen, n int) (good, bad []Seen) {
	order := make([]int, 0, len(past))
	for i, s := range past {
		if !math.IsNaN(s.Value) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareTrials(past[a], past[b]) })
	for i, s := range past {
		if slices.Contains(order[:n], i) {
			good = append(good, s)
		} else {
			bad = append(bad, s)
		}
	}
	return good, bad
}

// compareTrials orders whole trials by value, then those that ended early, of
// which the farther trained come first, then those that failed.
func compareTrials(a, b Seen) int {
	rank := func(s Seen) (class, epochs int) {
		switch {
		case math.IsInf(s.Value, 1):
			return 2, 0
		case s.Whole:
			return 0, 0
		}
		return 1, -s.Epochs
	}
	ca, ea := rank(a)
	cb, eb := rank(b)
	return cmp.Or(cmp.Compare(ca, cb), cmp.Compare(ea, eb), cmp.Compare(a.Value, b.Value))
}

// suggest estimates settings that always count together as one, the outermost
// first: the choices among them decide which others count.
func (t TPE) suggest(q Question, good, bad []Seen, draw int) Point {
	known := map[string]float64{}
	n := 0
	return q.Space.Fill(func(p Param) float64 {
		if x, there := known[p.Path]; there {
			return x
		}
		group := []Param{p}
		if t.Joint {
			group = q.Space.together(p)
		}
		for path, x := range t.best(q, group, good, bad, draw, n) {
			known[path] = x
		}
		n++
		return known[p.Path]
	})
}

// together are the parameters that count exactly where one does.
func (s Space) together(one Param) []Param {
	return slices.DeleteFunc(s.Free(), func(p Param) bool { return p.Conditions() != one.Conditions() })
}

// best draws candidates and gives the one that is the most like good trials and
// the least like bad ones.
func (t TPE) best(q Question, params []Param, good, bad []Seen, draw, stream int) map[string]float64 {
	if len(params) == 0 {
		return nil
	}
	like, unlike := newParzen(params, good), newParzen(params, bad)
	rng := q.rand("tpe", draw, stream)
	var best map[string]float64
	top := math.Inf(-1)
	for range t.Candidates {
		x := like.draw(rng)
		if score := like.logDensity(x) - unlike.logDensity(x); score > top || best == nil {
			top, best = score, x
		}
	}
	return best
}
