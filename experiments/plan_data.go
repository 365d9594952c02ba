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
	Tags     []TagCount `json:"tags"`
	Folds    int        `json:"folds,omitempty"`
	Fold     int        `json:"fold,omitempty"`
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
	for _, split := range stage.Splits {
		c := count(string(split), cases, func(c stage.Case) bool { return c.Split == split })
		if c.Cases > 0 {
			d.Splits = append(d.Splits, c)
		}
	}
	values := map[string]map[string]bool{}
	for _, c := range cases.Cases {
		for tag, value := range c.Tags {
			if values[tag] == nil {
				values[tag] = map[string]bool{}
			}
			values[tag][value] = true
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(values)) {
		if len(values[tag]) > mostValues || numeric(values[tag]) {
			continue
		}
		t := TagCount{Tag: tag}
		for _, value := range slices.Sorted(maps.Keys(values[tag])) {
			t.Values = append(t.Values, count(value, cases, func(c stage.Case) bool { return c.Tags[tag] == value }))
		}
		d.Tags = append(d.Tags, t)
	}
	d.Dropped, d.Findings = ruleCounts(cases.Dropped), ruleCounts(cases.Findings)
	return d
}

func numeric(words map[string]bool) bool {
	for word := range words {
		if _, err := strconv.ParseFloat(word, 64); err != nil {
			return false
		}
	}
	return true
}

func count(name string, cases audit.Cases, pick func(stage.Case) bool) Count {
	out := Count{Name: name, Classes: make([]int, len(cases.Classes))}
	groups, images := map[string]bool{}, map[string]bool{}
	for _, c := range cases.Cases {
		if pick(c) {
			out.Cases++
			out.Classes[c.Label]++
			groups[c.Group], images[c.Image] = true, true
		}
	}
	out.Groups, out.Images = len(groups), len(images)
	return out
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
	return (seen + e.Train.Batch - 1) / e.Train.Batch
}
