package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"

	"vertebra/stages/stage"
)

// tell records findings, splits and facts.
func (c Cases) tell(ctx context.Context, env stage.Env, l leak) error {
	if env.Recorder == stage.Discard {
		return nil
	}
	records := append(c.facts(l), c.Table(), c.splitTable(), c.splitBars())
	if slices.ContainsFunc(c.Cases, func(one stage.Case) bool { return one.Tags["condition"]+one.Tags["level"] != "" }) {
		records = append(records, c.rowTable())
	}
	if c.Folds > 0 {
		records = append(records, c.foldTable())
	}
	if t := c.characteristics(); t.Rows != nil {
		records = append(records, t)
	}
	for _, text := range c.Idle {
		records = append(records, stage.Event{Level: "warning", Stage: "audit", Text: text})
	}
	for _, f := range c.All() {
		text := fmt.Sprintf("%s: %s %s (%s): %s", f.Rule, f.counted(), f.Done, f.Reason, examples(f.IDs))
		records = append(records, stage.Event{Level: f.Severity, Stage: "audit", Text: text})
	}
	return env.Recorder.Record(ctx, records...)
}

// All lists all findings, what weighs most first.
func (c Cases) All() []Finding {
	all := append(append([]Finding{}, c.Dropped...), c.Findings...)
	sortFindings(all)
	return all
}

// Table is what the audit found, a row for each rule.
func (c Cases) Table() stage.Table {
	t := stage.Table{Name: "audit", Title: "What the audit found", Section: "data",
		Columns: []string{"finding", "severity", "count", "of", "cases", "done", "why", "examples", "rule"}}
	for _, f := range c.All() {
		t.Rows = append(t.Rows, []any{f.Rule, f.Severity, len(f.IDs), f.Unit, len(f.concerned()), f.Done, f.Reason, examples(f.IDs), f.ID})
	}
	return t
}

func (c Cases) facts(l leak) []stage.Record {
	s := share(c.Cases)
	groups, labelled := map[string]bool{}, 0
	for _, one := range c.Cases {
		if groups[one.Group] = true; one.Soft == nil {
			labelled++
		}
	}
	percent := func(v float64) string { return strconv.FormatFloat(100*v, 'f', 1, 64) + " %" }
	out := []stage.Record{
		stage.Fact{Name: FingerprintFact, Value: c.Fingerprint},
		stage.Fact{Name: UndividedFact, Value: c.Undivided},
		stage.Fact{Name: "cases", Value: strconv.Itoa(labelled)},
		stage.Fact{Name: c.GroupsAre(), Value: strconv.Itoa(len(groups))},
		stage.Fact{Name: "images", Value: strconv.Itoa(s.Images)},
		stage.Fact{Name: "cases that share their image with another", Value: percent(s.Shared)},
		stage.Fact{Name: "cases on images with conflicting labels", Value: percent(s.Conflicting)},
		stage.Fact{Name: "accuracy ceiling given the whole image alone", Value: percent(s.Ceiling)},
		stage.Fact{Name: "leak check", Value: l.fact},
	}
	if n := len(c.Cases) - labelled; n > 0 {
		out = append(out, stage.Fact{Name: "cases with pseudo-labels", Value: strconv.Itoa(n)})
	}
	if n := c.wholeSeries(); n > 0 {
		out = append(out, stage.Fact{Name: SeriesFact, Value: strconv.Itoa(n)})
	}
	if len(c.Targets) > 0 {
		names, err := json.Marshal(c.Targets)
		if err != nil {
			names = nil // cannot happen: they are strings
		}
		out = append(out, stage.Fact{Name: "samples", Value: strconv.Itoa(len(c.Samples().Cases))}, stage.Fact{Name: TargetsFact, Value: string(names)})
	}
	if c.Among != nil {
		list, err := json.Marshal(c.Among)
		if err != nil {
			list = nil // cannot happen: they are numbers
		}
		out = append(out, stage.Fact{Name: AmongFact, Value: string(list)})
	}
	if len(c.Covariates) > 0 {
		list, err := json.Marshal(c.Covariates)
		if err != nil {
			list = nil // cannot happen either
		}
		out = append(out, stage.Fact{Name: CovariatesFact, Value: string(list)})
	}
	return out
}

// wholeSeries counts images that are folders of slices, without a point in one of them.
func (c Cases) wholeSeries() int {
	images := map[string]bool{}
	for _, one := range c.Cases {
		file, _ := stage.ParseFramePath(one.Image)
		elsewhere := func(path string) bool { of, _ := stage.ParseFramePath(path); return of != file }
		if one.Point == nil && slices.ContainsFunc(one.Images, elsewhere) {
			images[one.Image] = true
		}
	}
	return len(images)
}

// present lists the splits that hold cases.
func (c Cases) present() []stage.Split {
	var out []stage.Split
	for _, split := range stage.Splits {
		for _, one := range c.Cases {
			if one.Split == split {
				out = append(out, split)
				break
			}
		}
	}
	return out
}

// ClassCounts gives how many cases of each class a split has.
func (c Cases) ClassCounts(split stage.Split) []int {
	return c.count(func(one stage.Case) bool { return one.Split == split })
}

// count gives the cases of each class that a test picks.
func (c Cases) count(pick func(stage.Case) bool) []int {
	counts := make([]int, len(c.Classes))
	for _, one := range c.Cases {
		if pick(one) {
			counts[one.Label]++
		}
	}
	return counts
}

func (c Cases) splitTable() stage.Table {
	t := stage.Table{Name: "splits", Title: "Splits" + c.ofFirstFold(), Section: "data", Columns: append([]string{"split", "cases", c.GroupsAre(), "images"}, c.Classes...)}
	for _, split := range c.present() {
		groups, images, n := map[string]bool{}, map[string]bool{}, 0
		for _, one := range c.Cases {
			if one.Split == split {
				groups[one.Group], images[one.Seen()] = true, true
				n++
			}
		}
		row := []any{string(split), n, len(groups), len(images)}
		for _, k := range c.ClassCounts(split) {
			row = append(row, k)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// foldTable counts the cases of each fold's validation set, or where folds test in turn of each of
// its splits.
func (c Cases) foldTable() stage.Table {
	if c.TestInTurn() {
		return c.turnsTable()
	}
	t := stage.Table{Name: "folds", Title: "Folds", Section: "data", Columns: append([]string{"fold", "cases", c.GroupsAre()}, c.Classes...)}
	for fold := 1; fold <= c.Folds; fold++ {
		groups := map[string]bool{}
		counts, n := c.count(func(one stage.Case) bool { return one.Fold == fold }), 0
		for _, one := range c.Cases {
			if one.Fold == fold {
				groups[one.Group] = true
				n++
			}
		}
		row := []any{fold, n, len(groups)}
		for _, k := range counts {
			row = append(row, k)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (c Cases) splitBars() stage.Bars {
	b := stage.Bars{Name: "class_counts", Title: "Cases of each class in each split" + c.ofFirstFold(), Section: "data", YLabel: "cases", Categories: c.Classes}
	for _, split := range c.present() {
		var values []float64
		for _, k := range c.ClassCounts(split) {
			values = append(values, float64(k))
		}
		b.Groups = append(b.Groups, stage.BarGroup{Label: string(split), Values: values})
	}
	return b
}

// rowTable counts cases by condition and level, for each split and class.
func (c Cases) rowTable() stage.Table {
	t := stage.Table{Name: "cases_by_condition_and_level", Title: "Cases by condition and level", Section: "data", Columns: []string{"condition", "level", "cases"}}
	type cell struct {
		split stage.Split
		label int
	}
	counts := map[[2]string]map[cell]int{}
	var keys [][2]string
	for _, one := range c.Cases {
		key := [2]string{one.Tags["condition"], one.Tags["level"]}
		if counts[key] == nil {
			counts[key] = map[cell]int{}
			keys = append(keys, key)
		}
		counts[key][cell{one.Split, one.Label}]++
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i][0] < keys[j][0] || keys[i][0] == keys[j][0] && keys[i][1] < keys[j][1]
	})
	for _, split := range c.present() {
		for _, class := range c.Classes {
			t.Columns = append(t.Columns, string(split)+" "+class)
		}
	}
	for _, key := range keys {
		row, total := []any{key[0], key[1], 0}, 0
		for _, split := range c.present() {
			for label := range c.Classes {
				n := counts[key][cell{split, label}]
				row, total = append(row, n), total+n
			}
		}
		row[2] = total
		t.Rows = append(t.Rows, row)
	}
	return t
}
