package audit

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"vertebra/stages/stage"
)

// Split says how cases are divided.
type Split struct {
	By         string  `help:"what stays together on one side" oneof:"study"`
	Stratify   string  `help:"label keeps the classes' shares alike in all splits" oneof:"label none"`
	Validation float64 `help:"share of the groups' cases" min:"0" under:"1"`
	Test       float64 `help:"share of the groups' cases" min:"0" under:"1"`
}

// Validate leaves something to train on.
func (s Split) Validate() error {
	if s.Validation+s.Test >= 1 {
		return fmt.Errorf("validation %v and test %v leave nothing for training; their sum must be below 1", s.Validation, s.Test)
	}
	return nil
}

// assign gives every group to one split. Groups are shuffled by the seed, then
// taken from the least typical to the most, and each goes where it brings the
// class counts of the splits nearest to their shares: the idea of scikit-learn's
// StratifiedGroupKFold. The result does not depend on the order of the cases.
func (s Split) assign(seed uint64, cases []stage.Case, classes int) error {
	groups, names := s.groups(cases, classes)
	shares := map[stage.Split]float64{stage.Train: 1 - s.Validation - s.Test, stage.Validation: s.Validation, stage.Test: s.Test}
	used := 0
	for _, share := range shares {
		if share > 0 {
			used++
		}
	}
	if len(names) < used {
		return stage.Fault{Err: fmt.Errorf("%d studies cannot fill %d splits", len(names), used), Hint: "set data.split.test (and validation) to 0, or use more studies"}
	}
	r := stage.Rand(seed, "split")
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	sort.SliceStable(names, func(i, j int) bool { return uneven(groups[names[i]]) > uneven(groups[names[j]]) })
	place := fill(groups, names, shares)
	for i := range cases {
		cases[i].Split = place[cases[i].Group]
	}
	for _, split := range stage.Splits {
		if shares[split] > 0 && !holds(place, split) {
			return stage.Fault{Err: fmt.Errorf("the %s split of %v is empty with %d studies", split, shares[split], len(names)), Hint: "make its share larger, or use more studies"}
		}
	}
	return nil
}

func holds(place map[string]stage.Split, split stage.Split) bool {
	for _, p := range place {
		if p == split {
			return true
		}
	}
	return false
}

// groups counts each group's cases by class; without stratification all cases
// count as one class.
func (s Split) groups(cases []stage.Case, classes int) (groups map[string][]float64, names []string) {
	groups = map[string][]float64{}
	for _, c := range cases {
		if groups[c.Group] == nil {
			groups[c.Group] = make([]float64, classes)
			names = append(names, c.Group)
		}
		class := c.Label
		if s.Stratify == "none" {
			class = 0
		}
		groups[c.Group][class]++
	}
	sort.Strings(names)
	return groups, names
}

// uneven is the spread of a group's class counts.
func uneven(counts []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, v := range counts {
		mean += v / float64(len(counts))
	}
	for _, v := range counts {
		sum += (v - mean) * (v - mean)
	}
	return sum
}

func fill(groups map[string][]float64, names []string, shares map[stage.Split]float64) map[string]stage.Split {
	var totals []float64
	for _, name := range names {
		totals = plus(totals, groups[name], 1)
	}
	have := map[stage.Split][]float64{}
	place := map[string]stage.Split{}
	empty := 0
	for _, split := range stage.Splits {
		if shares[split] > 0 {
			empty++
		}
	}
	for i, name := range names {
		best, cost := stage.Train, math.Inf(1)
		scarce := len(names)-i <= empty // the last groups go where there is none
		for _, split := range stage.Splits {
			if shares[split] == 0 || (scarce && have[split] != nil) {
				continue
			}
			if c := costOf(have[split], groups[name], totals, shares[split]); c < cost {
				best, cost = split, c
			}
		}
		if have[best] == nil {
			empty--
		}
		place[name] = best
		have[best] = plus(have[best], groups[name], 1)
	}
	return place
}

// costOf is how much worse a split fits its share of every class with the group
// than without it.
func costOf(have, group, totals []float64, share float64) float64 {
	cost := 0.0
	for class, total := range totals {
		if total == 0 {
			continue
		}
		before := 0.0
		if have != nil {
			before = have[class]
		}
		want := share * total
		miss := func(n float64) float64 { return (n - want) * (n - want) / (want * total) }
		cost += miss(before+group[class]) - miss(before)
	}
	return cost
}

func plus(a, b []float64, factor float64) []float64 {
	out := make([]float64, len(b))
	copy(out, a)
	for i, v := range b {
		out[i] += factor * v
	}
	return out
}

// leaks makes sure that no group and no image file is on both sides.
func leaks(cases []stage.Case) error {
	seen := map[string]stage.Split{}
	for _, c := range cases {
		for _, key := range []string{"study " + c.Group, "image " + c.Image} {
			if old, ok := seen[key]; ok && old != c.Split {
				return fmt.Errorf("%s is in the %s and the %s split", strings.TrimSpace(key), old, c.Split)
			}
			seen[key] = c.Split
		}
	}
	return nil
}
