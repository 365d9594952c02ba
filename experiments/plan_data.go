package experiments

import (
	"maps"
	"slices"
	"strconv"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// DataPlan counts the cases.
type DataPlan struct {
	Classes []string `json:"classes"`
	Splits  []Count  `json:"splits"`
	// Tags breaks the cases down by what they are tagged with, such as condition
	// and level; a tag of numbers or of very many values is left out.
	Tags  []TagCount `json:"tags"`
	Folds int        `json:"folds,omitempty"`
	Fold  int        `json:"fold,omitempty"` // the one that is run; 0 for all
	// FoldRuns are the folds that are trained one after the other; none where a
	// single net is trained. Splits are then those of the first.
	FoldRuns []FoldPlan `json:"fold_runs,omitempty"`
	Dropped  []Rule     `json:"dropped"`
	Findings []Rule     `json:"findings"`
}

// Count counts cases by class.
type Count struct {
	Name    string `json:"name"` // the split, or the value of a tag
	Cases   int    `json:"cases"`
	Groups  int    `json:"groups"` // studies
	Images  int    `json:"images"`
	Classes []int  `json:"classes"` // in the order of Classes
}

// FoldPlan is what one fold of a cross-validation trains and validates on.
type FoldPlan struct {
	Fold       int   `json:"fold"`
	Train      Count `json:"train"`
	Validation Count `json:"validation"`
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
	d := DataPlan{Classes: cases.Classes, Folds: cases.Folds, Fold: cases.Fold, Tags: []TagCount{}}
	splits, tags := newCounter(), map[string]counter{}
	for _, c := range cases.Cases {
		splits.add(string(c.Split), c)
		for tag, value := range c.Tags {
			if _, seen := tags[tag]; !seen {
				tags[tag] = newCounter()
			}
			tags[tag].add(value, c)
		}
	}
	for _, split := range stage.Splits {
		if splits[string(split)] != nil {
			d.Splits = append(d.Splits, splits.count(string(split), len(cases.Classes)))
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		if t := tags[tag].tag(tag, len(cases.Classes)); len(t.Values) <= mostValues && !numeric(tags[tag]) {
			d.Tags = append(d.Tags, t)
		}
	}
	if runs := cases.Runs(); len(runs) > 1 {
		for _, number := range runs {
			d.FoldRuns = append(d.FoldRuns, planFold(cases.InFold(number), number))
		}
	}
	d.Dropped, d.Findings = ruleCounts(cases.Dropped), ruleCounts(cases.Findings)
	return d
}

func planFold(cases audit.Cases, number int) FoldPlan {
	splits := newCounter()
	for _, c := range cases.Cases {
		splits.add(string(c.Split), c)
	}
	of := func(split stage.Split) Count { return splits.count(string(split), len(cases.Classes)) }
	return FoldPlan{number, of(stage.Train), of(stage.Validation)}
}

// counter counts cases by a name, in one pass over all of them.
type counter map[string]*counted

type counted struct {
	classes        map[int]int
	groups, images map[string]bool
}

func newCounter() counter { return counter{} }

// add counts a case under a name. Beyond the values that a plan shows, only that
// there are more is of interest.
func (n counter) add(name string, c stage.Case) {
	one := n[name]
	if one == nil {
		if len(n) > mostValues {
			return
		}
		one = &counted{map[int]int{}, map[string]bool{}, map[string]bool{}}
		n[name] = one
	}
	one.classes[c.Label]++
	one.groups[c.Group], one.images[c.Image] = true, true
}

func (n counter) count(name string, classes int) Count {
	one := n[name]
	if one == nil {
		one = &counted{}
	}
	out := Count{Name: name, Groups: len(one.groups), Images: len(one.images), Classes: make([]int, classes)}
	for label, cases := range one.classes {
		out.Classes[label] = cases
		out.Cases += cases
	}
	return out
}

func (n counter) tag(tag string, classes int) TagCount {
	t := TagCount{Tag: tag}
	for _, value := range slices.Sorted(maps.Keys(n)) {
		t.Values = append(t.Values, n.count(value, classes))
	}
	return t
}

func numeric(words counter) bool {
	for word := range words {
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

// of gives the cases of a split.
func (d DataPlan) of(split stage.Split) int {
	for _, s := range d.Splits {
		if s.Name == string(split) {
			return s.Cases
		}
	}
	return 0
}

// steps is how many batches an epoch has, after sampling; the last may be
// smaller.
func steps(e Experiment, cases audit.Cases) int {
	var items []int
	for i, c := range cases.Cases {
		if c.Split == stage.Train {
			items = append(items, i)
		}
	}
	label := func(item int) int { return cases.Cases[item].Label }
	seen := len(train.NewSampler(e.Train.Balance, items, label, cases.Classes, e.Seed).Epoch(1))
	return (seen + e.Train.BatchSize() - 1) / e.Train.BatchSize()
}
