package evaluate

import (
	"maps"
	"slices"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("subgroups", "accuracy, macro F1 and loss for each value of a tag, such as each condition", Subgroups{Tags: []string{"condition", "level"}})
}

// Subgroups breaks the split down by tags.
type Subgroups struct {
	Tags []string `help:"what to break down by: condition, level, side, series_type"`
}

// Scalars is empty: it is tables only.
func (Subgroups) Scalars() []stage.Scalar { return nil }

// noTag stands for cases without the tag.
const noTag = "(none)"

// Measure makes a table for each tag that occurs.
func (m Subgroups) Measure(p Predictions) (Result, error) {
	var r Result
	for _, tag := range m.Tags {
		groups := p.by(tag)
		if len(groups[noTag]) == len(p.Items) {
			r.Notes = append(r.Notes, "no case has the tag "+tag)
			continue
		}
		t := stage.Table{Name: "by_" + tag, Title: "By " + tag, Columns: []string{tag, "cases", "accuracy", "macro F1", "loss"}}
		for _, value := range slices.Sorted(maps.Keys(groups)) {
			t.Rows = append(t.Rows, subgroup(value, Predictions{Classes: p.Classes, Items: groups[value]}))
		}
		r.Tables = append(r.Tables, t)
	}
	return r, nil
}

// by groups the predictions by the value of a tag.
func (p Predictions) by(tag string) map[string][]stage.Prediction {
	groups := map[string][]stage.Prediction{}
	for _, item := range p.Items {
		value := item.Tags[tag]
		if value == "" {
			value = noTag
		}
		groups[value] = append(groups[value], item)
	}
	return groups
}

func subgroup(value string, p Predictions) []any {
	f1 := macroMean(p.perClass(), func(c classScores) float64 { return c.f1 })
	return []any{value, len(p.Items), p.accuracy(), f1, p.logLoss()}
}
