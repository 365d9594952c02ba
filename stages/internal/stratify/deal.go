// Package stratify deals groups of cases to the splits of a data set, so that each gets its share of
// every stratum and no group is torn.
package stratify

import (
	"math"
	"slices"
	"sort"

	"vertebra/stages/stage"
)

// Group is what stays together: cases, and how many there are of each stratum.
type Group struct {
	Name   string
	Cases  []int     // indices
	Counts []float64 // by stratum
	rank   float64   // by which groups are sorted
}

// Bin is what groups are dealt into.
type Bin struct {
	Name   string
	Split  stage.Split
	Fold   int
	Share  float64   // of the cases that are dealt
	Groups []*Group  // that were dealt to it
	have   []float64 // cases of each stratum
}

// Shuffle sorts groups from the one that holds most of the rare strata to the one
// that holds least, so that the awkward ones come while there is room and the
// ordinary ones even out what is left. The seed shakes that order by half, or it
// would be no choice.
func Shuffle(seed uint64, groups []*Group) {
	sort.Slice(groups, func(i, j int) bool { return groups[i].Name < groups[j].Name })
	totals, r := sum(groups), stage.Rand(seed, "split")
	for _, g := range groups {
		g.rank = rarity(g.Counts, totals) * (0.75 + 0.5*r.Float64())
	}
	sort.SliceStable(groups, func(i, j int) bool { return groups[i].rank > groups[j].rank })
}

func sum(groups []*Group) []float64 {
	var totals []float64
	for _, g := range groups {
		if totals == nil {
			totals = make([]float64, len(g.Counts))
		}
		add(totals, g.Counts)
	}
	return totals
}

// rarity is how much of the strata a group holds, each stratum counting as one.
func rarity(counts, totals []float64) float64 {
	sum := 0.0
	for stratum, n := range counts {
		if totals[stratum] > 0 {
			sum += n / totals[stratum]
		}
	}
	return sum
}

// Deal gives the groups to bins one by one, each where it brings the counts of
// the strata nearest to their shares, greedily like scikit-learn's
// StratifiedGroupKFold, with bins of different size. The last groups go to bins
// that would stay empty otherwise. The result does not depend on the order of the
// cases.
func Deal(groups []*Group, bins []*Bin) {
	totals := sum(groups)
	for _, b := range bins {
		b.have = make([]float64, len(totals))
	}
	empty := due(bins, len(groups))
	for i, g := range groups {
		choices := bins
		if len(empty) >= len(groups)-i {
			choices = empty
		}
		best, least := choices[0], math.Inf(1)
		for _, b := range choices {
			if c := cost(b.have, g.Counts, totals, b.Share); c < least {
				best, least = b, c
			}
		}
		add(best.have, g.Counts)
		best.Groups = append(best.Groups, g)
		empty = slices.DeleteFunc(empty, func(b *Bin) bool { return b == best })
	}
}

// cost is how much farther a bin is from its share of every stratum with the
// group than without it: the change of Σ (have − want)² / (want · total), so
// that a rare stratum and a small bin weigh as much as others.
func cost(have, group, totals []float64, share float64) float64 {
	sum := 0.0
	for stratum, total := range totals {
		if total == 0 {
			continue
		}
		want := share * total
		miss := func(n float64) float64 { return (n - want) * (n - want) / (want * total) }
		sum += miss(have[stratum]+group[stratum]) - miss(have[stratum])
	}
	return sum
}

func add(to, counts []float64) {
	for i, v := range counts {
		to[i] += v
	}
}

// due lists the bins whose share of the groups is half a group or more: they
// must not stay empty.
func due(bins []*Bin, groups int) []*Bin {
	return slices.DeleteFunc(slices.Clone(bins), func(b *Bin) bool { return b.Share*float64(groups) < 0.5 })
}
