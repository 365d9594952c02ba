package evaluate

import (
	"fmt"
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("auroc", "chance that a case of a class is ranked above one of another, mean over classes", AUROC{})
}

// AUROC is scikit-learn's roc_auc_score of each class against the rest. The
// macro mean leaves out a class that does not occur or is the only one, and is
// NaN when there is just one.
type AUROC struct{}

// Scalars is the mean.
func (AUROC) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "macro_auroc", Title: "Macro AUROC", Better: stage.HigherBetter}}
}

// Values averages over the classes.
func (AUROC) Values(p Predictions) []float64 {
	return []float64{p.meanArea(func(a areas) float64 { return a.roc })}
}

// Show draws the curve of each class.
func (AUROC) Show(p Predictions) (r Result) {
	curves := stage.Curve{Name: "roc", Title: "Receiver operating characteristic, each class against the rest",
		XLabel: "false positive rate", YLabel: "true positive rate"}
	table := stage.Table{Name: "auroc", Title: "Area under the ROC curve of each class", Columns: []string{"class", "cases", "AUROC"}}
	for class, name := range p.Classes {
		a := p.areas(class)
		table.Rows = append(table.Rows, []any{name, int(a.positives), a.roc})
		if math.IsNaN(a.roc) {
			r.Notes = append(r.Notes, fmt.Sprintf("%s has %d of %d cases and is left out of the mean", name, int(a.positives), len(p.Items)))
			continue
		}
		curves.Lines = append(curves.Lines, rank(p, class).roc(name))
	}
	r.Tables = []stage.Table{table}
	if len(curves.Lines) > 0 {
		r.Curves = []stage.Curve{curves}
	}
	return r
}

// ShowTargets draws the curve of each target where there are two classes.
func (m AUROC) ShowTargets(p Predictions, targets []Target) Result {
	return areaFigure{
		curve: stage.Curve{Name: "roc", Title: "Receiver operating characteristic", XLabel: "false positive rate", YLabel: "true positive rate"},
		name:  "auroc", title: "Area under the ROC curve", number: "AUROC",
		area: func(a areas) float64 { return a.roc }, line: ranking.roc,
	}.show(p, targets, m.Show(p))
}
