package audit

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"vertebra/stages/stage"
)

// Split says how cases are divided.
type Split struct {
	By         string  `help:"what stays together on one side: all cases of a study, or of all studies with one PatientID" oneof:"study patient"`
	Stratify   string  `help:"label keeps the classes' shares alike in all splits" oneof:"label none"`
	Validation float64 `help:"share of the cases, as near as whole groups allow" min:"0" under:"1"`
	Test       float64 `help:"share of the cases, as near as whole groups allow" min:"0" under:"1"`
}

// Validate leaves something to train on.
func (s Split) Validate() error {
	if s.Validation+s.Test >= 1 {
		return fmt.Errorf("validation %v and test %v leave nothing for training; their sum must be below 1", s.Validation, s.Test)
	}
	return nil
}

// share gives what a split is to get.
func (s Split) share(split stage.Split) float64 {
	switch split {
	case stage.Validation:
		return s.Validation
	case stage.Test:
		return s.Test
	}
	return 1 - s.Validation - s.Test
}

// used lists the splits that get anything.
func (s Split) used() []stage.Split {
	var out []stage.Split
	for _, split := range stage.Splits {
		if s.share(split) > 0 {
			out = append(out, split)
		}
	}
	return out
}

// assign gives every group to one split, greedily like scikit-learn's
// StratifiedGroupKFold, with splits of different size. Groups are taken from the
// one that holds most of the rare classes to the one that holds least, so that
// the awkward ones come while there is room and the ordinary ones even out what
// is left; the seed shakes that order by half, or it would be no choice. Each goes where it brings the counts
// of the classes nearest to their shares. The result does not depend on the
// order of the cases.
func (s Split) assign(seed uint64, cases []stage.Case, classes int, patients map[string]string) error {
	key, err := s.key(patients)
	if err != nil {
		return err
	}
	groups, names := s.groups(cases, classes, key)
	if len(names) < len(s.used()) {
		return s.tooFew(fmt.Sprintf("they cannot fill %d splits", len(s.used())), len(names))
	}
	totals, rank, r := make([]float64, classes), map[string]float64{}, stage.Rand(seed, "split")
	for _, name := range names {
		add(totals, groups[name])
	}
	for _, name := range names {
		rank[name] = rarity(groups[name], totals) * (0.75 + 0.5*r.Float64())
	}
	sort.SliceStable(names, func(i, j int) bool { return rank[names[i]] > rank[names[j]] })
	place := s.fill(groups, names, totals)
	filled := map[stage.Split]bool{}
	for i := range cases {
		cases[i].Split = place[key(cases[i])]
		filled[cases[i].Split] = true
	}
	for _, split := range s.used() {
		if !filled[split] {
			return s.tooFew(fmt.Sprintf("the %s split gets none at a share of %v", split, s.share(split)), len(names))
		}
	}
	return nil
}

func (s Split) tooFew(why string, n int) error {
	what := "studies"
	if s.By == "patient" {
		what = "patients"
	}
	return stage.Fault{Err: fmt.Errorf("too few %s: there are %d, and %s", what, n, why), Hint: "make data.split.validation or test larger, or 0, or use more data"}
}

// key tells what must stay together.
func (s Split) key(patients map[string]string) (func(stage.Case) string, error) {
	if s.By != "patient" {
		return func(c stage.Case) string { return c.Group }, nil
	}
	if patients == nil {
		return nil, stage.Fault{Err: fmt.Errorf("data.split.by: the image files tell no patients apart"), Hint: "set data.split.by to study"}
	}
	return func(c stage.Case) string {
		if id, ok := patients[c.Group]; ok {
			return "patient " + id
		}
		return "study " + c.Group
	}, nil
}

// groups counts each group's cases by class; without stratification all cases
// count as one class.
func (s Split) groups(cases []stage.Case, classes int, key func(stage.Case) string) (groups map[string][]float64, names []string) {
	groups = map[string][]float64{}
	for _, c := range cases {
		name := key(c)
		if groups[name] == nil {
			groups[name] = make([]float64, classes)
			names = append(names, name)
		}
		class := c.Label
		if s.Stratify == "none" {
			class = 0
		}
		groups[name][class]++
	}
	sort.Strings(names)
	return groups, names
}

// rarity is how much of the classes a group holds, each class counting as one.
func rarity(counts, totals []float64) float64 {
	sum := 0.0
	for class, n := range counts {
		if totals[class] > 0 {
			sum += n / totals[class]
		}
	}
	return sum
}

// due lists the splits whose share of the groups is half a group or more: they
// must not stay empty.
func (s Split) due(groups int) []stage.Split {
	return slices.DeleteFunc(s.used(), func(split stage.Split) bool { return s.share(split)*float64(groups) < 0.5 })
}

// fill places the groups one by one where they cost least. The last ones go to
// splits that would stay empty otherwise.
func (s Split) fill(groups map[string][]float64, names []string, totals []float64) map[string]stage.Split {
	have := map[stage.Split][]float64{}
	for _, split := range s.used() {
		have[split] = make([]float64, len(totals))
	}
	place, empty := map[string]stage.Split{}, s.due(len(names))
	for i, name := range names {
		best, least, choices := stage.Train, math.Inf(1), s.used()
		if len(empty) >= len(names)-i {
			choices = empty
		}
		for _, split := range choices {
			if c := cost(have[split], groups[name], totals, s.share(split)); c < least {
				best, least = split, c
			}
		}
		place[name] = best
		empty = slices.DeleteFunc(empty, func(split stage.Split) bool { return split == best })
		add(have[best], groups[name])
	}
	return place
}

// cost is how much farther a split is from its share of every class with the
// group than without it: the change of Σ (have − want)² / (want · total), so
// that a rare class and a small split weigh as much as others.
func cost(have, group, totals []float64, share float64) float64 {
	sum := 0.0
	for class, total := range totals {
		if total == 0 {
			continue
		}
		want := share * total
		miss := func(n float64) float64 { return (n - want) * (n - want) / (want * total) }
		sum += miss(have[class]+group[class]) - miss(have[class])
	}
	return sum
}

func add(to, counts []float64) {
	for i, v := range counts {
		to[i] += v
	}
}
