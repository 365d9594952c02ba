package audit

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"vertebra/stages/stage"
)

// useSome leaves training groups out until the share is left that the experiment wants: of
// each stratum the same, and of two shares the smaller's groups are among the larger's.
func (c *Cases) useSome(split Split, patients map[string]string, actions Actions) error {
	if split.TrainSize == 0 || split.TrainSize == 1 {
		return nil
	}
	if c.Folds > 0 {
		return stage.Wrong{Path: "data.split.train_size", Err: stage.Fault{
			Err: errors.New("every case trains in some fold and validates in another"), Hint: "write folds: 0 with validation: 0.2, or train_size: 1"}}
	}
	var training []stage.Case
	for _, one := range c.Cases {
		if one.Split == stage.Train {
			training = append(training, one)
		}
	}
	groups, err := split.groups(training, patients)
	if err != nil {
		return err
	}
	unused := map[string]bool{}
	var hits []hit
	for _, g := range inTurn(split.Seed, groups)[used(split.TrainSize, len(groups)):] {
		for _, i := range g.cases {
			unused[training[i].ID] = true
			hits = append(hits, hit{id: training[i].ID})
		}
	}
	rule := rules["beyond_train_size"]
	if f := rule.finding(hits, actions.of(rule)); f != nil {
		if f.Done == "refused" {
			return f.refusal()
		}
		c.Dropped = append(c.Dropped, *f)
	}
	c.Cases = slices.DeleteFunc(c.Cases, func(one stage.Case) bool { return unused[one.ID] })
	return nil
}

// used is how many groups a share is: at least one.
func used(share float64, groups int) int {
	return min(groups, max(1, int(math.Round(share*float64(groups)))))
}

// inTurn orders groups so that each beginning of the list holds the same share of every
// stratum (systematic sampling): within the rarest stratum that a group has, the order is one
// of chance, and group i of n comes at (i + ½) / n of the whole.
func inTurn(seed uint64, groups []*group) []*group {
	totals := sum(groups)
	of := map[int][]*group{}
	for _, g := range groups {
		at := rarest(g.counts, totals)
		of[at] = append(of[at], g)
	}
	for _, list := range of {
		slices.SortFunc(list, func(a, b *group) int {
			return cmp.Or(cmp.Compare(stage.Hash(seed, "train size "+a.name), stage.Hash(seed, "train size "+b.name)), cmp.Compare(a.name, b.name))
		})
		for i, g := range list {
			g.rank = (float64(i) + 0.5) / float64(len(list))
		}
	}
	out := slices.Clone(groups)
	slices.SortFunc(out, func(a, b *group) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.name, b.name)) })
	return out
}

// rarest is the stratum of a group that fewest cases are of.
func rarest(counts, totals []float64) int {
	best := -1
	for stratum, n := range counts {
		if n > 0 && (best < 0 || totals[stratum] < totals[best]) {
			best = stratum
		}
	}
	return best
}
