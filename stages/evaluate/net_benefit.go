package evaluate

import (
	"fmt"
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("net_benefit", "whether acting on the net's probabilities does more good than acting on all cases, or on none (decision curve)", NetBenefit{Threshold: 0.2})
}

// NetBenefit is that of a decision curve (Vickers and Elkin 2006): true positives less the
// false ones, each of these worth t/(1−t) of a true one, as a share of all cases, where who
// has a probability of at least t is positive. t is how likely a finding must be before one
// acts: at 0.2, four needless actions are worth a needed one. To act on none has 0, to act
// on all what the share of the class gives.
type NetBenefit struct {
	Class     string  `help:"the class; empty takes the last one"`
	Threshold float64 `help:"how likely the class must be before one acts" over:"0" under:"1"`
}

// Scalars is the benefit at the threshold.
func (m NetBenefit) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "net_benefit", Title: fmt.Sprintf("Net benefit from a probability of %g", m.Threshold), Better: stage.HigherBetter}}
}

// Accept wants the class.
func (m NetBenefit) Accept(p Predictions) error { return PositiveClass{m.Class}.Accept(p) }

// Values counts once.
func (m NetBenefit) Values(p Predictions) []float64 {
	class := PositiveClass{m.Class}.class(p)
	if class < 0 { // of a target that does not have it
		return []float64{math.NaN()}
	}
	return []float64{benefit(p, class, m.Threshold)}
}

func benefit(p Predictions, class int, threshold float64) float64 {
	weights, sum := p.weights(), 0.0
	for i, item := range p.Items {
		switch {
		case item.Probabilities[class] < threshold:
		case item.Label == class:
			sum += weights[i]
		default:
			sum -= weights[i] * threshold / (1 - threshold)
		}
	}
	return sum / p.total()
}

// Show draws the decision curve, from 1 % to 99 %, beside those of acting on all and on none.
func (m NetBenefit) Show(p Predictions) Result {
	class := PositiveClass{m.Class}.class(p)
	if class < 0 {
		return Result{}
	}
	p = p.having(class)
	share := p.areas(class).positives / p.total()
	lines := []stage.Line{{Label: "by the net"}, {Label: "all"}, {Label: "none"}}
	for percent := 1; percent < 100; percent++ {
		t := float64(percent) / 100
		all := share - (1-share)*t/(1-t)
		for i, y := range []float64{benefit(p, class, t), all, 0} {
			if i == 1 && all < -max(share/4, 0.05) { // it falls without end
				continue
			}
			lines[i].X, lines[i].Y = append(lines[i].X, t), append(lines[i].Y, y)
		}
	}
	return Result{Curves: []stage.Curve{{Name: "decision", Title: fmt.Sprintf("Decision curve of %s: who is acted on", p.Classes[class]),
		XLabel: "probability from which one acts", YLabel: "net benefit", Lines: lines}}}
}
