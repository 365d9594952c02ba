package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("subgroups", "accuracy and macro F1 for each value of a tag, such as each condition", Subgroups{Tags: []string{"condition", "level"}})
}

// Subgroups breaks the split down by tags.
type Subgroups struct {
	Tags []string `help:"what to break down by: condition, level, side, series_type"`
}

// Scalars is empty: it is tables only.
func (Subgroups) Scalars() []stage.Scalar { return nil }

// Measure makes a table for each tag that occurs.
func (m Subgroups) Measure(p Predictions) (Result, error) {
	var r Result
	for _, tag := range m.Tags {
		groups := map[string][]stage.Prediction{}
		for _, item := range p.Items {
			if v := item.Tags[tag]; v != "" {
				groups[v] = append(groups[v], item)
			}
		}
		t := stage.Table{Name: "by_" + tag, Title: "By " + tag, Columns: []string{tag, "cases", "accuracy", "macro F1", "loss"}}
		for _, value := range sortedKeys(groups) {
			t.Rows = append(t.Rows, subgroup(value, Predictions{Classes: p.Classes, Items: groups[value]}))
		}
		if len(t.Rows) > 0 {
			r.Tables = append(r.Tables, t)
		}
	}
	return r, nil
}

func subgroup(value string, p Predictions) []any {
	accuracy, _ := Accuracy{}.Measure(p)
	loss, _ := LogLoss{}.Measure(p)
	f1 := p.macro(func(c classScores) float64 { return c.f1 })
	return []any{value, len(p.Items), accuracy.Scalars[0].Value, f1, loss.Scalars[0].Value}
}
