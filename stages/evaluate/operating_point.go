package evaluate

import (
	"fmt"
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("operating_point", "how many cases of a class are found at a given specificity, and the specificity at which a given share of them is found: what a finding is reported by", OperatingPoint{Specificity: 0.9, Sensitivity: 0.9})
}

// OperatingPoint reads two points off the ROC curve of one class against the rest, among
// the thresholds that scikit-learn's roc_curve has: the largest sensitivity where the
// specificity is at least the given one, and the largest specificity where the sensitivity
// is, as torchmetrics' SensitivityAtSpecificity and SpecificityAtSensitivity. Both are NaN
// without cases of the class, or of others. The threshold is chosen on the cases that it is
// measured on, so the numbers flatter a small split.
type OperatingPoint struct {
	Class       string  `help:"the class; empty takes the last one"`
	Specificity float64 `help:"at which the sensitivity is given" over:"0" max:"1"`
	Sensitivity float64 `help:"at which the specificity is given" over:"0" max:"1"`
}

// Scalars are the two numbers.
func (m OperatingPoint) Scalars() []stage.Scalar {
	return []stage.Scalar{
		{Name: "sensitivity_at_specificity", Title: fmt.Sprintf("Sensitivity at a specificity of %g", m.Specificity), Better: stage.HigherBetter},
		{Name: "specificity_at_sensitivity", Title: fmt.Sprintf("Specificity at a sensitivity of %g", m.Sensitivity), Better: stage.HigherBetter},
	}
}

// Accept wants the class.
func (m OperatingPoint) Accept(p Predictions) error { return PositiveClass{m.Class}.Accept(p) }

// Values are read off the curve.
func (m OperatingPoint) Values(p Predictions) []float64 {
	class := PositiveClass{m.Class}.class(p)
	if class < 0 { // of a target that does not have it
		return []float64{math.NaN(), math.NaN()}
	}
	found, spared := m.points(p, class)
	return []float64{found.sensitivity, spared.specificity}
}

// operating is a point of the curve; cases of at least the threshold are positive.
type operating struct{ sensitivity, specificity, threshold float64 }

// points finds the one with the most sensitivity and the one with the most specificity.
func (m OperatingPoint) points(p Predictions, class int) (found, spared operating) {
	const slack = 1e-12 // sums of weights are not exact
	none := operating{math.NaN(), math.NaN(), math.NaN()}
	all := p.areas(class)
	if math.IsNaN(all.roc) {
		return none, none
	}
	found, spared = operating{0, 1, math.Inf(1)}, operating{1, 0, math.Inf(-1)}
	p.thresholds(class, func(score, tp, fp float64) {
		here := operating{tp / all.positives, 1 - fp/all.negatives, score}
		if here.specificity >= m.Specificity-slack && here.sensitivity > found.sensitivity {
			found = here
		}
		if here.sensitivity >= m.Sensitivity-slack && here.specificity > spared.specificity {
			spared = here
		}
	})
	return found, spared
}

// Show lists the points of every class, and says why a number does not exist.
func (m OperatingPoint) Show(p Predictions) Result {
	t := stage.Table{Name: "operating_points", Title: "Operating points of each class against the rest",
		Columns: append([]string{"class", "cases"}, m.columns()...)}
	for class, name := range p.Classes {
		t.Rows = append(t.Rows, append([]any{name, int(p.areas(class).positives)}, m.cells(p, class)...))
	}
	return Result{Tables: []stage.Table{t}, Notes: PositiveClass{m.Class}.Show(p).Notes}
}

// ShowTargets lists the points of the class for each target, which has thresholds of its own.
func (m OperatingPoint) ShowTargets(p Predictions, targets []Target) Result {
	if !p.shared(targets) {
		return m.ownTargets(p, targets)
	}
	class := PositiveClass{m.Class}.class(p)
	name := p.Classes[class]
	t := targetTable("operating_points", "Operating points of "+name, p.averageOver, append([]string{"cases of " + name}, m.columns()...)...)
	for _, of := range targets {
		t.Rows = append(t.Rows, append([]any{of.Name, len(of.Items), int(of.areas(class).positives)}, m.cells(of.Predictions, class)...))
	}
	return Result{Tables: []stage.Table{withMeans(t, 5)}}
}

// ownTargets lists the points of the class of each target that has it.
func (m OperatingPoint) ownTargets(p Predictions, targets []Target) Result {
	t := targetTable("operating_points", "Operating points", p.averageOver, append([]string{"class", "of the class"}, m.columns()...)...)
	for _, of := range targets {
		if class := (PositiveClass{m.Class}).class(of.Predictions); class >= 0 {
			t.Rows = append(t.Rows, append([]any{of.Name, len(of.Items), of.Classes[class], int(of.areas(class).positives)}, m.cells(of.Predictions, class)...))
		}
	}
	return Result{Tables: []stage.Table{withMeans(t, 6)}}
}

// columns are those of cells.
func (m OperatingPoint) columns() []string {
	return []string{"threshold for the sensitivity", "threshold for the specificity",
		fmt.Sprintf("sensitivity at specificity %g", m.Specificity), fmt.Sprintf("specificity at sensitivity %g", m.Sensitivity)}
}

func (m OperatingPoint) cells(p Predictions, class int) []any {
	found, spared := m.points(p, class)
	return []any{known(found.threshold), known(spared.threshold), found.sensitivity, spared.specificity}
}

// known is a threshold that lies among the probabilities.
func known(threshold float64) any {
	if math.IsInf(threshold, 0) || math.IsNaN(threshold) {
		return "none"
	}
	return threshold
}
