package evaluate

import (
	"fmt"
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("recalibration", "whether probabilities of a class are too high, and whether they are too sure: what an external validation asks of a net besides how well it tells cases apart", Recalibration{})
}

// Recalibration holds the probabilities p of one class against the rest up to what happened, y,
// with the three numbers that reports of external validations give (Van Calster et al. 2019,
// "Calibration: the Achilles heel of predictive analytics"; Cox 1958):
//
//	observed_expected      Σy / Σp; above 1 the class is more frequent than the net thinks
//	calibration_intercept  a of logit P(y) = a + logit p, called calibration in the large;
//	                       0 where the class is as frequent as the net thinks
//	calibration_slope      b of logit P(y) = a + b·logit p; below 1 probabilities are too near
//	                       to 0 and 1, as those of nets that have learnt by heart
//
// Parameters are those of largest likelihood. All are NaN without cases of the class or of
// others; so is the slope where some threshold parts the cases of the class from all others,
// and the ratio where no case is expected.
// Probabilities of 0 and 1 count as ε and 1 − ε, as in the log loss.
type Recalibration struct {
	Class string `help:"the class; empty takes the last one"`
}

// Scalars are the three numbers; none is better for being larger or smaller.
func (Recalibration) Scalars() []stage.Scalar {
	return []stage.Scalar{
		{Name: "observed_expected", Title: "Observed cases for each expected one"},
		{Name: "calibration_intercept", Title: "Calibration intercept"},
		{Name: "calibration_slope", Title: "Calibration slope"},
	}
}

// Accept wants the class.
func (m Recalibration) Accept(p Predictions) error { return PositiveClass(m).Accept(p) }

// Values are those of the class.
func (m Recalibration) Values(p Predictions) []float64 {
	class := PositiveClass(m).class(p)
	if class < 0 { // of a target that does not have it
		return []float64{math.NaN(), math.NaN(), math.NaN()}
	}
	r := p.recalibrated(class)
	return []float64{r.ratio(), r.intercept, r.slope}
}

// Show has a row for each class, and says why a number does not exist.
func (m Recalibration) Show(p Predictions) Result {
	t := stage.Table{Name: "recalibration", Title: "Observed and expected cases of each class", Columns: append([]string{"class"}, m.columns()...)}
	for class, name := range p.Classes {
		t.Rows = append(t.Rows, append([]any{name}, p.recalibrated(class).cells()...))
	}
	t.Note = m.note()
	return Result{Tables: []stage.Table{t}, Notes: m.missing(p)}
}

// missing says why a number does not exist.
func (m Recalibration) missing(p Predictions) []string {
	class := PositiveClass(m).class(p)
	if class < 0 {
		return nil
	}
	r, name := p.recalibrated(class), p.Classes[class]
	switch {
	case math.IsNaN(r.intercept):
		return []string{fmt.Sprintf("recalibration does not exist: all cases are %s, or none is", name)}
	case r.expected == 0:
		return []string{fmt.Sprintf("observed_expected does not exist: no case of %s is expected", name)}
	case math.IsNaN(r.slope):
		return []string{fmt.Sprintf("calibration_slope does not exist: a threshold parts the cases of %s from all others, or no two of them were given other probabilities", name)}
	}
	return nil
}

// ShowTargets has a row for each target.
func (m Recalibration) ShowTargets(p Predictions, targets []Target) Result {
	t := targetTable("recalibration", "Observed and expected cases", p.averageOver, append([]string{"class"}, m.columns()...)...)
	for _, of := range targets {
		if class := PositiveClass(m).class(of.Predictions); class >= 0 {
			t.Rows = append(t.Rows, append([]any{of.Name, len(of.Items), of.Classes[class]}, of.recalibrated(class).cells()...))
		}
	}
	t = withMeans(t, 5)
	t.Note = m.note()
	return Result{Tables: []stage.Table{t}}
}

func (Recalibration) columns() []string {
	return []string{"observed", "expected", "observed for each expected", "intercept", "slope"}
}

func (Recalibration) note() string {
	return "expected is the sum of the probabilities; intercept above 0: the class is more frequent than the net thinks; slope below 1: the net is too sure, above 1: not sure enough"
}

// recalibration is what happened beside what was said of a class.
type recalibration struct{ observed, expected, intercept, slope float64 }

func (r recalibration) ratio() float64 {
	if math.IsNaN(r.intercept) || r.expected == 0 {
		return math.NaN()
	}
	return r.observed / r.expected
}

func (r recalibration) cells() []any {
	return []any{int(math.Round(r.observed)), r.expected, r.ratio(), r.intercept, r.slope}
}

type recalibrationKey struct{ class int }

// recalibrated fits both models, from where the unweighted ones are.
func (p Predictions) recalibrated(class int) recalibration {
	first := once(p.items, recalibrationKey{class}, func() cox {
		one := Predictions{Items: p.Items}
		return newCox(one, class)
	})
	first.weights = p.weights()
	return first.fit()
}
