package audit

import (
	"math"
	"slices"
	"sort"

	"vertebra/stages/stage"
)

// group is what stays together: cases, and how many there are of each stratum.
type group struct {
	name   string
	cases  []int // indices
	counts []float64
	rank   float64
}

func (g *group) set(cases []stage.Case, split stage.Split, fold int) {
	for _, i := range g.cases {
		cases[i].Split, cases[i].Fold = split, fold
	}
}

// bin is what groups are dealt into.
type bin struct {
	name   string
	split  stage.Split
	fold   int
	share  float64 // of the cases that are dealt
	have   []float64
	groups []*group
}

// shuffle sorts groups from the one that holds most of the rare strata to the one
// that holds least, so that the awkward ones come while there is room and the
// ordinary ones even out what is left. The seed shakes that order by half, or it
// would be no choice.
func shuffle(seed uint64, groups []*group) {
	sort.Slice(groups, func(i, j int) bool { return groups[i].name < groups[j].name })
	totals, r := sum(groups), stage.Rand(seed, "split")
	for _, g := range groups {
		g.rank = rarity(g.counts, totals) * (0.75 + 0.5*r.Float64())
	}
	sort.SliceStable(groups, func(i, j int) bool { return groups[i].rank > groups[j].rank })
}

func sum(groups []*group) []float64 {
	var totals []float64
	for _, g := range groups {
		if totals == nil {
			totals = make([]float64, len(g.counts))
		}
		add(totals, g.counts)
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

// deal gives the groups to bins one by one, each where it brings the counts of
// the strata nearest to their shares, greedily like scikit-learn's
// StratifiedGroupKFold, with bins of different size. The last groups go to bins
// that would stay empty otherwise. The result does not depend on the order of the
// cases.
func deal(groups []*group, bins []*bin) {
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
			if c := cost(b.have, g.counts, totals, b.share); c < least {
				best, least = b, c
			}
		}
		add(best.have, g.counts)
		best.groups = append(best.groups, g)
		empty = slices.DeleteFunc(empty, func(b *bin) bool { return b == best })
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
