package evaluate

import (
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("calibration", "whether cases predicted with 80 % are right in 80 % of cases", Calibration{Bins: 15})
}

// Calibration compares stated probabilities with what happened. The expected
// calibration error is that of the predicted class (Guo et al. 2017, "On
// calibration of modern neural networks", equation 3): the mean over bins of
// |accuracy − mean probability|, each bin counted as often as it has cases. The
// lines of the classes are scikit-learn's calibration_curve, strategy uniform.
type Calibration struct {
	Bins int `help:"number of equally wide bins of the probability" min:"2" max:"100"`
}

// Scalars is the expected calibration error.
func (Calibration) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "calibration_error", Title: "Expected calibration error", Better: stage.LowerBetter}}
}

// Values bins the predictions by the probability of the predicted class.
func (m Calibration) Values(p Predictions) []float64 {
	failed := 0.0
	for _, b := range m.bin(p, predictedClass) {
		failed += math.Abs(b.happened - b.stated)
	}
	return []float64{failed / p.total()}
}

// Show draws the predicted class and each class.
func (m Calibration) Show(p Predictions) Result {
	curve := stage.Curve{Name: "reliability", Title: "Reliability", XLabel: "predicted probability", YLabel: "share of cases",
		Lines: []stage.Line{{Label: "ideal", X: []float64{0, 1}, Y: []float64{0, 1}}, reliability("predicted class", m.bin(p, predictedClass))}}
	for class, name := range p.Classes {
		curve.Lines = append(curve.Lines, reliability(name, m.bin(p.having(class), class)))
	}
	return Result{Curves: []stage.Curve{curve}}
}

// predictedClass stands for the likeliest class of each item.
const predictedClass = -1

// bin sums up the predictions of one range of probability.
type bin struct{ cases, stated, happened float64 }

// outcomes say of each item what was stated of a class, whether it happened,
// and the bin that it belongs to.
type outcomes struct {
	stated   []float64
	happened []bool
	bin      []int32
}

type outcomesKey struct{ bins, class int }

func (m Calibration) outcomes(p Predictions, class int) outcomes {
	return once(p.items, outcomesKey{m.Bins, class}, func() outcomes {
		n := len(p.Items)
		o := outcomes{make([]float64, n), make([]bool, n), make([]int32, n)}
		for i, item := range p.Items {
			c := class
			if c == predictedClass {
				c = largest(item.Probabilities)
			}
			o.stated[i], o.happened[i] = item.Probabilities[c], item.Label == c
			o.bin[i] = int32(binOf(o.stated[i], max(m.Bins, 1)))
		}
		return o
	})
}

// bin sorts predictions into bins that contain their upper edge.
func (m Calibration) bin(p Predictions, class int) []bin {
	bins, o, weights := make([]bin, max(m.Bins, 1)), m.outcomes(p, class), p.weights()
	for i, at := range o.bin {
		b, w := &bins[at], weights[i]
		b.cases += w
		b.stated += w * o.stated[i]
		if o.happened[i] {
			b.happened += w
		}
	}
	return bins
}

// binOf counts the inner edges below v. The edges are numpy's linspace, so that
// a probability on an edge falls to the same side as in scikit-learn.
func binOf(v float64, bins int) int {
	width, at := 1/float64(bins), 0
	for at < bins-1 && float64(at+1)*width < v {
		at++
	}
	return at
}

// reliability draws the bins that have cases.
func reliability(label string, bins []bin) stage.Line {
	line := stage.Line{Label: label}
	for _, b := range bins {
		if b.cases > 0 {
			line.X = append(line.X, b.stated/b.cases)
			line.Y = append(line.Y, b.happened/b.cases)
		}
	}
	return line
}
