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

// Measure bins the predictions.
func (m Calibration) Measure(p Predictions) (Result, error) {
	of := func(class func(stage.Prediction) int) []bin {
		return m.bin(p, func(item stage.Prediction) (float64, bool) {
			c := class(item)
			return item.Probabilities[c], item.Label == c
		})
	}
	predicted := of(func(item stage.Prediction) int { return largest(item.Probabilities) })
	curve := stage.Curve{Name: "reliability", Title: "Reliability", XLabel: "predicted probability", YLabel: "share of cases",
		Lines: []stage.Line{{Label: "ideal", X: []float64{0, 1}, Y: []float64{0, 1}}, reliability("predicted class", predicted)}}
	for class, name := range p.Classes {
		curve.Lines = append(curve.Lines, reliability(name, of(func(stage.Prediction) int { return class })))
	}
	failed := 0.0
	for _, b := range predicted {
		failed += math.Abs(b.happened - b.stated)
	}
	r := give(m, failed/float64(len(p.Items)))
	r.Curves = []stage.Curve{curve}
	return r, nil
}

// bin sums up the predictions of one range of probability.
type bin struct{ cases, stated, happened float64 }

// bin sorts predictions into bins that contain their upper edge.
func (m Calibration) bin(p Predictions, outcome func(stage.Prediction) (float64, bool)) []bin {
	bins := make([]bin, max(m.Bins, 1))
	for _, item := range p.Items {
		stated, happened := outcome(item)
		b := &bins[binOf(stated, len(bins))]
		b.cases++
		b.stated += stated
		if happened {
			b.happened++
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
