package evaluate

import (
	"fmt"
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("average_precision", "area under the precision-recall curve, mean over classes; for rare classes more telling than AUROC", AveragePrecision{})
}

// AveragePrecision is scikit-learn's average_precision_score of each class
// against the rest: the mean precision over the thresholds, each weighed by the
// recall it adds. The macro mean leaves out a class that does not occur.
type AveragePrecision struct{}

// Scalars is the mean.
func (AveragePrecision) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "macro_average_precision", Title: "Macro average precision", Better: stage.HigherBetter}}
}

// Values averages over the classes.
func (AveragePrecision) Values(p Predictions) []float64 {
	return []float64{p.meanArea(func(a areas) float64 { return a.precision })}
}

// Show draws the curve of each class. Its table holds the share of the class,
// which is what guessing reaches.
func (AveragePrecision) Show(p Predictions) (r Result) {
	curves := stage.Curve{Name: "precision_recall", Title: "Precision and recall, each class against the rest", XLabel: "recall", YLabel: "precision"}
	table := stage.Table{Name: "average_precision", Title: "Average precision of each class",
		Columns: []string{"class", "cases", "average precision", "by guessing"}}
	for class, name := range p.Classes {
		a := p.areas(class)
		table.Rows = append(table.Rows, []any{name, int(a.positives), a.precision, a.positives / p.total()})
		if math.IsNaN(a.precision) {
			r.Notes = append(r.Notes, fmt.Sprintf("%s has no case and is left out of the mean", name))
			continue
		}
		curves.Lines = append(curves.Lines, rank(p, class).precisionRecall(name))
	}
	r.Tables = []stage.Table{table}
	if len(curves.Lines) > 0 {
		r.Curves = []stage.Curve{curves}
	}
	return r
}

// ShowTargets draws the curve of each target where there are two classes. A guess
// reaches the share of the class.
func (m AveragePrecision) ShowTargets(p Predictions, targets []Target) Result {
	return areaFigure{
		curve: stage.Curve{Name: "precision_recall", Title: "Precision and recall", XLabel: "recall", YLabel: "precision"},
		name:  "average_precision", title: "Average precision", number: "average precision",
		area: func(a areas) float64 { return a.precision }, line: ranking.precisionRecall,
	}.show(p, targets, m.Show(p))
}
