package evaluate

import (
	"math"

	"vertebra/stages/stage"
)

// readerScalars are the numbers of a point on the plane of ROC curves.
func readerScalars() []stage.Scalar {
	return []stage.Scalar{
		{Name: "sensitivity", Title: "Sensitivity", Better: stage.HigherBetter},
		{Name: "specificity", Title: "Specificity", Better: stage.HigherBetter},
	}
}

// readerPoint is where a reader is: sensitivity and specificity of the last class.
type readerPoint struct{}

func (readerPoint) Scalars() []stage.Scalar { return readerScalars() }

func (readerPoint) Values(p Predictions) []float64 {
	c := p.found(len(p.Classes) - 1)
	return []float64{c.recall, c.specificity}
}

// atReader is where the ROC curve of the last class is level with a reader: its sensitivity at the
// reader's specificity, and its specificity at the reader's sensitivity, between the curve's
// points on the straight line.
type atReader struct {
	answers []int // the reader's classes
}

func (atReader) Scalars() []stage.Scalar { return readerScalars() }

func (m atReader) Values(p Predictions) []float64 {
	last, weights := len(p.Classes)-1, p.weights()
	var found, positives, wrong, negatives float64
	for i, item := range p.Items {
		said := indicator(m.answers[i] == last)
		if item.Label == last {
			found, positives = found+weights[i]*said, positives+weights[i]
		} else {
			wrong, negatives = wrong+weights[i]*said, negatives+weights[i]
		}
	}
	if positives == 0 || negatives == 0 {
		return []float64{math.NaN(), math.NaN()}
	}
	sensitivity, fpr := rocAt(p, last, found, wrong)
	return []float64{sensitivity / positives, 1 - fpr/negatives}
}

// rocAt goes along the ROC curve, in weights of cases: the most true positives with so many false
// ones, and the fewest false ones with so many true ones.
func rocAt(p Predictions, class int, found, wrong float64) (tpAt, fpAt float64) {
	const slack = 1e-9 // sums of weights are not exact
	fpAt = math.NaN()
	tpBefore, fpBefore := 0.0, 0.0
	step := func(tp, fp float64) {
		switch {
		case fp <= wrong+slack:
			tpAt = tp
		case fpBefore <= wrong+slack:
			tpAt = tpBefore + (tp-tpBefore)*max(wrong-fpBefore, 0)/(fp-fpBefore)
		}
		if math.IsNaN(fpAt) && tp >= found-slack {
			fpAt = fp
			if tp > tpBefore {
				fpAt = fpBefore + (fp-fpBefore)*min(max(found-tpBefore, 0)/(tp-tpBefore), 1)
			}
		}
		tpBefore, fpBefore = tp, fp
	}
	if found <= slack {
		fpAt = 0
	}
	p.thresholds(class, func(_, tp, fp float64) { step(tp, fp) })
	return tpAt, fpAt
}
