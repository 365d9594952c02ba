package evaluate

import (
	"cmp"
	"math"
	"slices"

	"vertebra/stages/stage"
)

// order is all items from the likeliest of one class down.
type order struct {
	item     []int32
	score    []float64
	positive []bool // the item is of the class
	last     []bool // the last of equal scores: they share a threshold
}

type orderKey struct{ class int }

// order sorts the items, once for all weights.
func (p Predictions) order(class int) order {
	return once(p.items, orderKey{class}, func() order {
		n := len(p.Items)
		o := order{make([]int32, n), make([]float64, n), make([]bool, n), make([]bool, n)}
		for i := range o.item {
			o.item[i] = int32(i)
		}
		score := func(i int32) float64 { return p.Items[i].Probabilities[class] }
		slices.SortStableFunc(o.item, func(a, b int32) int { return cmp.Compare(score(b), score(a)) })
		for at, i := range o.item {
			o.score[at], o.positive[at] = score(i), p.Items[i].Label == class
			o.last[at] = at+1 == n || score(o.item[at+1]) != score(i)
		}
		return o
	})
}

// areas are below the curves of one class against the rest.
type areas struct{ positives, negatives, roc, precision float64 }

type areasKey struct{ class int }

// areas gives both areas in one pass. The one below the ROC curve is of
// trapezoids, which is the Mann-Whitney statistic with mid-ranks for ties
// (Hanley and McNeil 1982), the average precision is of steps. They are NaN
// without positives, the first also without negatives.
func (p Predictions) areas(class int) areas {
	return once(p.sums, areasKey{class}, func() areas {
		o, weights := p.order(class), p.weights()
		tp, fp, tpBefore, fpBefore, roc, precision := 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
		for at, i := range o.item {
			if o.positive[at] {
				tp += weights[i]
			} else {
				fp += weights[i]
			}
			if !o.last[at] {
				continue
			}
			roc += (fp - fpBefore) * (tp + tpBefore) / 2
			if tp > tpBefore {
				precision += (tp - tpBefore) * tp / (tp + fp)
			}
			tpBefore, fpBefore = tp, fp
		}
		return areas{tp, fp, roc / (tp * fp), precision / tp}
	})
}

// meanArea is over the classes that have the area.
func (p Predictions) meanArea(of func(areas) float64) float64 {
	sum, n := 0.0, 0.0
	for class := range p.Classes {
		if v := of(p.areas(class)); !math.IsNaN(v) {
			sum += v
			n++
		}
	}
	return sum / n
}

// ranking holds the weights of the true and the false positives above each
// threshold, from the highest score down, beginning with none.
type ranking struct{ tp, fp []float64 }

func rank(p Predictions, class int) ranking {
	r := ranking{[]float64{0}, []float64{0}}
	p.thresholds(class, func(_, tp, fp float64) { r.tp, r.fp = append(r.tp, tp), append(r.fp, fp) })
	return r
}

// thresholds goes through the scores of a class from the highest down, and tells the weights
// of the true and the false positives that have at least that score.
func (p Predictions) thresholds(class int, tell func(score, tp, fp float64)) {
	o, weights := p.order(class), p.weights()
	tp, fp := 0.0, 0.0
	for at, i := range o.item {
		if o.positive[at] {
			tp += weights[i]
		} else {
			fp += weights[i]
		}
		if o.last[at] {
			tell(o.score[at], tp, fp)
		}
	}
}

// curvePoints is how many points of a curve are kept; a plot shows no more.
const curvePoints = 200

// thinned keeps the points of a line that are not on straight stretches, and of
// those at most curvePoints, with the first and the last.
func thinned(label string, x, y []float64) stage.Line {
	var corners []int
	last := len(x) - 1
	for i := range x {
		if i == 0 || i == last || (y[i+1]-y[i])*(x[i]-x[i-1]) != (y[i]-y[i-1])*(x[i+1]-x[i]) {
			corners = append(corners, i)
		}
	}
	keep := min(len(corners), curvePoints)
	out := stage.Line{Label: label}
	for k := range keep {
		i := corners[k*(len(corners)-1)/max(keep-1, 1)]
		out.X = append(out.X, x[i])
		out.Y = append(out.Y, y[i])
	}
	return out
}

// roc is the ROC curve.
func (r ranking) roc(label string) stage.Line {
	last := len(r.tp) - 1
	line := thinned(label, r.fp, r.tp)
	for i := range line.X {
		line.X[i] /= r.fp[last]
		line.Y[i] /= r.tp[last]
	}
	return line
}

// precisionRecall is the curve of scikit-learn's precision_recall_curve, from
// the highest threshold down, without its end at recall 0.
func (r ranking) precisionRecall(label string) stage.Line {
	var recall, precision []float64
	last := len(r.tp) - 1
	for i := 1; i <= last; i++ {
		if above := r.tp[i] + r.fp[i]; above > 0 {
			recall = append(recall, r.tp[i]/r.tp[last])
			precision = append(precision, r.tp[i]/above)
		}
	}
	return thinned(label, recall, precision)
}
