package evaluate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Contender is one setting in a comparison: all its runs, which differ in
// nothing but the seed.
type Contender struct {
	Name string
	Runs []Contestant
}

// Contestant is one run as it was stored.
type Contestant struct {
	ID          string
	Fingerprint string // of the data
	Classes     []string
	Predictions []stage.Prediction // of all splits
}

// Remark is something that a reader of a comparison must know of it.
type Remark struct {
	Text string
	// Serious says that the difference may come from what is said rather than
	// from the settings.
	Serious bool
}

// aligned are the cases that all runs predicted, in one order: for each
// contender and run its predictions.
type aligned struct {
	classes []string
	runs    [][]Predictions
	remarks []Remark
}

// align finds the common cases of a split. It refuses what cannot be compared:
// other classes, no case in common, or a case whose label is not the same.
func (cfg Config) align(split stage.Split, contenders []Contender) (aligned, error) {
	if len(contenders) < 2 {
		return aligned{}, stage.Fault{Err: errors.New("there is nothing to compare with"), Hint: "name at least two runs"}
	}
	a := aligned{classes: contenders[0].Runs[0].Classes}
	var all [][]stage.Prediction
	for _, c := range contenders {
		for _, run := range c.Runs {
			if !slices.Equal(run.Classes, a.classes) {
				return a, notComparable("the classes of %s are %q, those of %s are %q", run.ID, run.Classes, contenders[0].Runs[0].ID, a.classes)
			}
			items := LastOf(run.Predictions, split)
			if len(items) == 0 {
				if split == stage.Validation && TestedInTurn(run.Predictions) {
					return a, notComparable("folds of %s take turns as test set, and have no predictions of the validation split that could be taken together", run.ID)
				}
				return a, notComparable("%s has no predictions of the %s split", run.ID, split)
			}
			all = append(all, items)
		}
	}
	common := commonCases(all)
	if len(common) == 0 {
		return a, notComparable("the runs have no case of the %s split in common: they were made with other data or split otherwise", split)
	}
	err := a.take(cfg, contenders, all, common)
	a.remarks = remarks(split, contenders, all, len(common))
	return a, err
}

// Comparable says why two runs cannot be compared on a split; nil where they can.
func Comparable(split stage.Split, a, b Contestant) error {
	_, err := Config{}.align(split, []Contender{{a.ID, []Contestant{a}}, {b.ID, []Contestant{b}}})
	return err
}

func notComparable(format string, args ...any) error {
	return stage.Fault{Err: fmt.Errorf("not comparable: "+format, args...), Hint: "compare runs of one data set and one split; runner diff says what differs"}
}

// LastOf gives the predictions of a split by the phase that spoke last.
func LastOf(items []stage.Prediction, split stage.Split) []stage.Prediction {
	items = ofSplit(items, split)
	if len(items) == 0 {
		return nil
	}
	last := items[len(items)-1].Phase
	return slices.DeleteFunc(items, func(p stage.Prediction) bool { return p.Phase != last })
}

// commonCases gives the label of every case that is in all lists.
func commonCases(all [][]stage.Prediction) map[string]int {
	seen, common := map[string]int{}, map[string]int{}
	for _, items := range all {
		for _, item := range items {
			seen[item.CaseID]++
		}
	}
	for _, item := range all[0] {
		if seen[item.CaseID] == len(all) {
			common[item.CaseID] = item.Label
		}
	}
	return common
}

// take keeps the common cases, and refuses labels that are not the same.
func (a *aligned) take(cfg Config, contenders []Contender, all [][]stage.Prediction, common map[string]int) error {
	at := 0
	for _, c := range contenders {
		var runs []Predictions
		for _, run := range c.Runs {
			items := slices.DeleteFunc(slices.Clone(all[at]), func(p stage.Prediction) bool { _, is := common[p.CaseID]; return !is })
			for _, item := range items {
				if item.Label != common[item.CaseID] {
					return notComparable("case %s is %s in %s and %s in %s", item.CaseID,
						a.classes[item.Label], run.ID, a.classes[common[item.CaseID]], contenders[0].Runs[0].ID)
				}
			}
			p, err := cfg.prepare(a.classes, items)
			if err != nil {
				return fmt.Errorf("%s: %w", run.ID, err)
			}
			runs = append(runs, p)
			at++
		}
		a.runs = append(a.runs, runs)
	}
	return nil
}

// remarks tells what a fair comparison would not have.
func remarks(split stage.Split, contenders []Contender, all [][]stage.Prediction, common int) (out []Remark) {
	first := contenders[0].Runs[0]
	at := 0
	var single []string
	for _, c := range contenders {
		for _, run := range c.Runs {
			if run.Fingerprint != first.Fingerprint {
				out = append(out, Remark{fmt.Sprintf("%s was made with other data than %s (their fingerprints differ)", run.ID, first.ID), true})
			}
			if left := len(all[at]) - common; left > 0 {
				out = append(out, Remark{fmt.Sprintf("%d of the %d cases of %s are left out, since not all runs predicted them", left, len(all[at]), run.ID), true})
			}
			at++
		}
		if len(c.Runs) == 1 {
			single = append(single, c.Name)
		}
	}
	switch len(single) {
	case 0:
	case 1:
		out = append(out, Remark{fmt.Sprintf("%s is one run: what another seed would change is not known", single[0]), false})
	default:
		const few = 4
		if n := len(single); n > few {
			single = append(single[:few-1], fmt.Sprintf("%d more", n-few+1))
		}
		last := len(single) - 1
		out = append(out, Remark{fmt.Sprintf("%s and %s are one run each: what another seed would change is not known", strings.Join(single[:last], ", "), single[last]), false})
	}
	return append(out, otherUse(split, contenders, all)...)
}

// otherUse finds cases that one run measures on and another chose its epoch by.
func otherUse(split stage.Split, contenders []Contender, all [][]stage.Prediction) (out []Remark) {
	measured := map[string]bool{}
	for _, items := range all {
		for _, item := range items {
			measured[item.CaseID] = true
		}
	}
	for _, c := range contenders {
		for _, run := range c.Runs {
			used, inTurn := map[stage.Split]map[string]bool{}, TestedInTurn(run.Predictions)
			for _, item := range run.Predictions {
				if item.Split == split || !measured[item.CaseID] {
					continue
				}
				if _, _, ofFold := stage.ParseFoldName(string(item.Split)); ofFold && inTurn { // of a net that does not test it
					continue
				}
				if used[item.Split] == nil {
					used[item.Split] = map[string]bool{}
				}
				used[item.Split][item.CaseID] = true
			}
			for _, other := range slices.Sorted(maps.Keys(used)) {
				out = append(out, Remark{fmt.Sprintf("%s has %d cases of the %s split of other runs in its %s split", run.ID, len(used[other]), split, other), true})
			}
		}
	}
	return out
}

// Giving lists the metrics that give at least one of the named numbers, so that
// stored predictions can be measured as they were: with the settings of the section,
// and with the defaults where it lacks the metric. Those of single targets want Watching, too.
func (cfg Config) Giving(names []string) []registry.One[Metric] {
	var all []registry.One[Metric]
	of := func(number string) func(string) bool {
		return func(name string) bool { base, _, _ := CutTarget(name); return base == number }
	}
	for _, name := range Metrics.Names() {
		one, _ := Metrics.Default(name)
		if at := slices.IndexFunc(cfg.Metrics, func(m registry.One[Metric]) bool { return m.Name == name && m.Part != nil }); at >= 0 {
			one = cfg.Metrics[at]
		}
		if slices.ContainsFunc(one.Part.Scalars(), func(s stage.Scalar) bool { return slices.ContainsFunc(names, of(s.Name)) }) {
			all = append(all, one)
		}
	}
	return all
}
