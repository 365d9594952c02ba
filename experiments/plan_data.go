package experiments

import (
	"maps"
	"slices"
	"strconv"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// DataPlan counts the cases.
type DataPlan struct {
	Classes []string `json:"classes"`
	// Targets are what the net answers of each sample; none where it is one thing.
	Targets []string `json:"targets,omitempty"`
	// TargetClasses are the classes of each target; none where all have the same.
	TargetClasses map[string][]string `json:"target_classes,omitempty"`
	// GroupsAre is what Count.Groups counts, such as studies or patients.
	GroupsAre string  `json:"groups_are"`
	Splits    []Count `json:"splits"`
	// Tags breaks the cases down by what they are tagged with, such as condition
	// and level; a tag of numbers or of very many values is left out.
	Tags  []TagCount `json:"tags"`
	Folds int        `json:"folds,omitempty"`
	Fold  int        `json:"fold,omitempty"` // the one that is run; 0 for all
	// TestInTurn says that folds take turns as test set, not as validation set.
	TestInTurn bool `json:"test_in_turn,omitempty"`
	// FoldRuns are the folds that are trained one after the other; none where a
	// single net is trained. Splits are then those of the first.
	FoldRuns []FoldPlan `json:"fold_runs,omitempty"`
	// Covariates are what the net is given besides an image.
	Covariates []CovariatePlan `json:"covariates,omitempty"`
	Dropped    []Rule          `json:"dropped"`
	Findings   []Rule          `json:"findings"`
}

// Count counts cases by class.
type Count struct {
	Name  string `json:"name"` // the split, or the value of a tag
	Cases int    `json:"cases"`
	// Samples are what the cases are answers to; 0 where each case is a sample.
	Samples int   `json:"samples,omitempty"`
	Groups  int   `json:"groups"` // see DataPlan.GroupsAre
	Images  int   `json:"images"`
	Classes []int `json:"classes"` // in the order of Classes
}

// FoldPlan is what one fold of a cross-validation trains and validates on.
type FoldPlan struct {
	Fold       int   `json:"fold"`
	Train      Count `json:"train"`
	Validation Count `json:"validation"`
	Test       Count `json:"test,omitzero"` // where folds take turns as test set
}

// TagCount counts the cases of each value of a tag.
type TagCount struct {
	Tag    string  `json:"tag"`
	Values []Count `json:"values"`
}

// Rule is what the audit found, and what it did about it.
type Rule struct {
	Rule   string `json:"rule"`
	Count  int    `json:"count"`
	Done   string `json:"done"`
	Reason string `json:"reason"`
}

// mostValues is how many values a tag may have to be broken down by.
const mostValues = 30

func planData(cases audit.Cases) DataPlan {
	d := DataPlan{Classes: cases.Classes, Targets: cases.Targets, TargetClasses: cases.Questions().ByName(), GroupsAre: cases.GroupsAre(), Folds: cases.Folds, Fold: cases.Fold, TestInTurn: cases.TestInTurn(), Tags: []TagCount{}}
	of := numberCases(cases)
	splits, tags := of.counter(), map[string]counter{}
	for i, c := range cases.Cases {
		splits.add(string(c.Split), i)
		for tag, value := range c.Tags {
			if _, seen := tags[tag]; !seen {
				tags[tag] = of.counter()
			}
			tags[tag].add(value, i)
		}
	}
	for _, split := range stage.Splits {
		if splits.of[string(split)] != nil {
			d.Splits = append(d.Splits, splits.count(string(split)))
		}
	}
	delete(tags, audit.SplitTag) // is told by the splits
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		if t := tags[tag].tag(tag); len(t.Values) <= mostValues && !numeric(tags[tag]) {
			d.Tags = append(d.Tags, t)
		}
	}
	if runs := cases.FoldsToRun(); len(runs) > 1 {
		for _, number := range runs {
			d.FoldRuns = append(d.FoldRuns, of.fold(cases.InFold(number), number))
		}
	}
	d.Covariates = planCovariates(cases)
	d.Dropped, d.Findings = ruleCounts(cases.Dropped), ruleCounts(cases.Findings)
	return d
}

// numbered are the label, the number of the group and that of the image of each case:
// to count numbers takes a fraction of what counting names does.
type numbered struct {
	classes                int
	labels, groups, images []int
	samples                []int // nil where each case is one
}

func numberCases(cases audit.Cases) numbered {
	all := len(cases.Cases)
	n := numbered{classes: len(cases.Classes), labels: make([]int, all), groups: make([]int, all), images: make([]int, all)}
	groups, images := map[string]int{}, make(map[string]int, all/2)
	of := func(all map[string]int, name string) int {
		i, known := all[name]
		if !known {
			i = len(all)
			all[name] = i
		}
		return i
	}
	for i, c := range cases.Cases {
		n.labels[i], n.groups[i], n.images[i] = c.Label, of(groups, c.Group), of(images, c.Seen())
	}
	if len(cases.Targets) > 0 {
		samples := map[string]int{}
		for _, c := range cases.Cases {
			n.samples = append(n.samples, of(samples, c.Sample))
		}
	}
	return n
}

func (n numbered) fold(cases audit.Cases, number int) FoldPlan {
	splits := n.counter()
	for i, c := range cases.Cases {
		splits.add(string(c.Split), i)
	}
	out := FoldPlan{Fold: number, Train: splits.count(string(stage.Train)), Validation: splits.count(string(stage.Validation))}
	if cases.TestInTurn() {
		out.Test = splits.count(string(stage.Test))
	}
	return out
}

// counter counts cases by a name, in one pass over all of them.
type counter struct {
	numbered
	of map[string]*counted
}

type counted struct {
	classes                 []int
	groups, images, samples set
}

func (n numbered) counter() counter { return counter{n, map[string]*counted{}} }

// add counts a case under a name. Beyond the values that a plan shows, only that
// there are more is of interest.
func (n counter) add(name string, i int) {
	one := n.of[name]
	if one == nil {
		if len(n.of) > mostValues {
			return
		}
		one = &counted{classes: make([]int, n.classes)}
		n.of[name] = one
	}
	one.classes[n.labels[i]]++
	one.groups.add(n.groups[i])
	one.images.add(n.images[i])
	if n.samples != nil {
		one.samples.add(n.samples[i])
	}
}

func (n counter) count(name string) Count {
	one := n.of[name]
	if one == nil {
		one = &counted{classes: make([]int, n.classes)}
	}
	out := Count{Name: name, Samples: one.samples.size, Groups: one.groups.size, Images: one.images.size, Classes: one.classes}
	for _, cases := range one.classes {
		out.Cases += cases
	}
	return out
}

func (n counter) tag(tag string) TagCount {
	t := TagCount{Tag: tag}
	for _, value := range slices.Sorted(maps.Keys(n.of)) {
		t.Values = append(t.Values, n.count(value))
	}
	return t
}

// set is a set of small numbers, a bit for each.
type set struct {
	bits []uint64
	size int
}

func (s *set) add(i int) {
	for len(s.bits) <= i/64 {
		s.bits = append(s.bits, 0)
	}
	if bit := uint64(1) << (i % 64); s.bits[i/64]&bit == 0 {
		s.bits[i/64] |= bit
		s.size++
	}
}

func numeric(words counter) bool {
	for word := range words.of {
		if _, err := strconv.ParseFloat(word, 64); err != nil {
			return false
		}
	}
	return true
}

func ruleCounts(all []audit.Finding) []Rule {
	out := []Rule{}
	for _, f := range all {
		out = append(out, Rule{f.Rule, len(f.IDs), f.Done, f.Reason})
	}
	return out
}

// of gives how many samples a split has.
func (d DataPlan) of(split stage.Split) int {
	for _, s := range d.Splits {
		if s.Name == string(split) {
			return s.samples()
		}
	}
	return 0
}

func (c Count) samples() int {
	if c.Samples > 0 {
		return c.Samples
	}
	return c.Cases
}

// steps is how many batches an epoch of so many images has; the last may be smaller.
func steps(e Experiment, drawn int) int {
	return (drawn + e.Train.BatchSize() - 1) / e.Train.BatchSize()
}
