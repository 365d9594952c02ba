package evaluate

import (
	"math"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("adaptive_calibration", "calibration error of every class, in bins that hold equally many cases", AdaptiveCalibration{Bins: 15})
}

// AdaptiveCalibration is the adaptive calibration error (Nixon et al. 2019,
// "Measuring calibration in deep learning"): the mean over classes and over bins
// of |share of cases − mean probability|, with bins of equal weight. Equal
// probabilities fall into one bin, that of the middle of their weight, so bins
// may differ; each counts as much as it weighs.
type AdaptiveCalibration struct {
	Bins int `help:"number of bins, each with as many cases as the others" min:"2" max:"100"`
}

// Scalars is the error.
func (AdaptiveCalibration) Scalars() []stage.Scalar {
	return []stage.Scalar{{Name: "adaptive_calibration_error", Title: "Adaptive calibration error", Better: stage.LowerBetter}}
}

// Values averages over the classes.
func (m AdaptiveCalibration) Values(p Predictions) []float64 {
	sum := 0.0
	for class := range p.Classes {
		for _, b := range m.bin(p, class) {
			sum += math.Abs(b.happened - b.stated)
		}
	}
	return []float64{sum / float64(len(p.Classes)) / p.total()}
}

// Show draws the reliability of each class.
func (m AdaptiveCalibration) Show(p Predictions) Result {
	curve := stage.Curve{Name: "adaptive_reliability", Title: "Reliability in bins of equally many cases", XLabel: "predicted probability", YLabel: "share of cases",
		Lines: []stage.Line{{Label: "ideal", X: []float64{0, 1}, Y: []float64{0, 1}}}}
	for class, name := range p.Classes {
		curve.Lines = append(curve.Lines, reliability(name, m.bin(p.having(class), class)))
	}
	return Result{Curves: []stage.Curve{curve}}
}

// bin goes through the items from the likeliest down. before is the weight that
// lies above the present group of equal probabilities.
func (m AdaptiveCalibration) bin(p Predictions, class int) []bin {
	bins, o, weights, total := make([]bin, max(m.Bins, 1)), p.order(class), p.weights(), p.total()
	var group bin
	before, scale := 0.0, float64(len(bins))/total
	for at, i := range o.item {
		w := weights[i]
		group.cases += w
		group.stated += w * o.score[at]
		if o.positive[at] {
			group.happened += w
		}
		if o.last[at] && group.cases > 0 {
			b := &bins[min(int((before+group.cases/2)*scale), len(bins)-1)]
			b.cases += group.cases
			b.stated += group.stated
			b.happened += group.happened
			before += group.cases
			group = bin{}
		}
	}
	return bins
}
