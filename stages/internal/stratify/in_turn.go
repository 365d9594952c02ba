package stratify

import (
	"cmp"
	"slices"

	"vertebra/stages/stage"
)

// InTurn orders groups so that each beginning of the list holds the same share of every
// stratum (systematic sampling): within the rarest stratum that a group has, the order is one
// of chance, and group i of n comes at (i + ½) / n of the whole.
func InTurn(seed uint64, groups []*Group) []*Group {
	totals := sum(groups)
	of := map[int][]*Group{}
	for _, g := range groups {
		at := rarest(g.Counts, totals)
		of[at] = append(of[at], g)
	}
	for _, list := range of {
		slices.SortFunc(list, func(a, b *Group) int {
			return cmp.Or(cmp.Compare(stage.Hash(seed, "train size "+a.Name), stage.Hash(seed, "train size "+b.Name)), cmp.Compare(a.Name, b.Name))
		})
		for i, g := range list {
			g.rank = (float64(i) + 0.5) / float64(len(list))
		}
	}
	out := slices.Clone(groups)
	slices.SortFunc(out, func(a, b *Group) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.Name, b.Name)) })
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
