package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("per_class", "a table of precision, recall, F1 and case count for each class", PerClass{})
}

// PerClass is scikit-learn's precision_recall_fscore_support.
type PerClass struct{}

// Scalars is empty: it is a table only.
func (PerClass) Scalars() []stage.Scalar { return nil }

// Measure fills the table.
func (PerClass) Measure(p Predictions) (Result, error) {
	t := stage.Table{Name: "per_class", Title: "Each class", Columns: []string{"class", "precision", "recall", "F1", "cases", "predicted"}}
	for i, c := range p.perClass() {
		t.Rows = append(t.Rows, []any{p.Classes[i], c.precision, c.recall, c.f1, int(c.support), int(c.predicted)})
	}
	return Result{Tables: []stage.Table{t}}, nil
}

// classScores are those of one class against all others.
type classScores struct{ precision, recall, f1, support, predicted float64 }

// perClass scores each class. Where a class is never predicted its precision is
// 0, where it never occurs its recall is 0, as scikit-learn's zero_division=0.
func (p Predictions) perClass() []classScores {
	counts := p.counts()
	out := make([]classScores, len(counts))
	for i := range counts {
		c := &out[i]
		for j := range counts {
			c.support += counts[i][j]
			c.predicted += counts[j][i]
		}
		c.precision = ratio(counts[i][i], c.predicted)
		c.recall = ratio(counts[i][i], c.support)
		c.f1 = ratio(2*counts[i][i], c.support+c.predicted)
	}
	return out
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
