package sweeps

import (
	"math"
	"slices"
)

func init() {
	Searches.Add("tpe", "tree-structured Parzen estimator: draws where good trials are dense and bad ones are not", TPE{Startup: 10, Candidates: 24, Joint: true})
}

// TPE is the estimator of Bergstra et al. 2011 ("Algorithms for hyper-parameter
// optimization") with the defaults that Optuna made of it: the best tenth are the
// good trials, 25 at most; kernels are Gaussians cut at the ends of the domain.
type TPE struct {
	Startup    int  `help:"trials drawn at random before the first is estimated" min:"1"`
	Candidates int  `help:"points that are drawn from the good trials' density; the best of them is tried" min:"1" max:"10000"`
	Joint      bool `help:"estimates the settings that all trials have together, and not each alone: it sees that two belong together (Falkner et al. 2018)"`
}

// Next estimates both densities and takes the candidate with the largest ratio.
func (t TPE) Next(q Question) (Proposal, error) {
	told := q.told()
	if len(told) < t.Startup {
		return Random{}.Next(q)
	}
	rankTrials(told)
	good := told[:min(int(math.Ceil(0.1*float64(len(told)))), 25)]
	bad := slices.Clone(told[len(good):])
	for _, s := range q.Past {
		if math.IsNaN(s.Value) { // under way: the next trial is to be elsewhere
			bad = append(bad, s)
		}
	}
	at, err := q.fresh(func(i int) Point { return t.suggest(q, good, bad, i) })
	return Proposal{Point: at}, err
}

// rankTrials sorts: whole trials by value, then those that ended early, of which
// the farther trained come first, then those that failed.
func rankTrials(trials []Seen) {
	rank := func(s Seen) (class, epochs int) {
		switch {
		case math.IsInf(s.Value, 1):
			return 2, 0
		case s.Whole:
			return 0, 0
		}
		return 1, -s.Epochs
	}
	slices.SortStableFunc(trials, func(a, b Seen) int {
		ca, ea := rank(a)
		cb, eb := rank(b)
		switch {
		case ca != cb:
			return ca - cb
		case ea != eb:
			return ea - eb
		case a.Value < b.Value:
			return -1
		case a.Value > b.Value:
			return 1
		}
		return 0
	})
}

// suggest estimates the settings that every point has together and those that
// only some have one after the other, as the choices before them make them count.
func (t TPE) suggest(q Question, good, bad []Seen, draw int) Point {
	joint := map[string]float64{}
	var together []Param
	if t.Joint {
		for _, p := range q.Space.Free() {
			if len(p.needs) == 0 {
				together = append(together, p)
			}
		}
		joint = t.best(q, together, good, bad, draw, 0)
	}
	n := 0
	return q.Space.Fill(func(p Param) float64 {
		n++
		if x, there := joint[p.Path]; there {
			return x
		}
		return t.best(q, []Param{p}, good, bad, draw, n)[p.Path]
	})
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
