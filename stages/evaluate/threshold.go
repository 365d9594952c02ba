package evaluate

import (
	"errors"
	"fmt"
	"math"

	"vertebra/stages/stage"
)

func init() {
	Calibrators.Add("threshold", "of two classes: moves the boundary between them to where the validation split shows the best F1 of one, the best sum of sensitivity and specificity, or as much of one of these as is asked for",
		Threshold{Best: "f1", Least: 0.95})
}

// Threshold moves the logit of one of two classes by an offset, so that it is the
// likelier one where its probability was above a threshold: the one that makes F1, or
// Youden's J = sensitivity + specificity − 1 (Youden 1950), largest; or that with the most
// specificity among those whose sensitivity is at least a given one, or the other way round. Of
// several targets each has its own. Probabilities are no better for it, decisions are. On other
// cases a given sensitivity may be missed by as much as the validation split is uncertain.
type Threshold struct {
	Best  string  `help:"what is made largest: the F1 of the class (f1), sensitivity and specificity together (youden), specificity where the sensitivity is at least the given one, as for screening (sensitivity), or sensitivity where the specificity is (specificity)" oneof:"f1 youden sensitivity specificity"`
	Least float64 `help:"least sensitivity, or specificity, on the validation split" over:"0" max:"1" when:"best=sensitivity,specificity"`
	Class string  `help:"the class that is looked for, as in the metric positive_class; empty takes the last one"`
}

// Fits wants two classes, and the one that is looked for among them.
func (t Threshold) Fits(classes []string) error {
	if len(classes) != 2 {
		return stage.Fault{Err: fmt.Errorf("a threshold lies between two classes, there are %d", len(classes)), Hint: "take vector, which moves the boundaries of more"}
	}
	return PositiveClass{t.Class}.Accept(Predictions{Classes: classes})
}

// Fit tries the middle between each two neighbouring scores.
func (t Threshold) Fit(p Predictions) (FittedCalibrator, error) {
	if err := t.Fits(p.Classes); err != nil {
		return FittedCalibrator{}, err
	}
	class := PositiveClass{t.Class}.class(p)
	scores, r := p.scores(class), rank(p, class)
	positives, negatives := r.tp[len(r.tp)-1], r.fp[len(r.fp)-1]
	if positives == 0 || negatives == 0 {
		return FittedCalibrator{}, errors.New("one of the classes does not occur")
	}
	best, at := math.Inf(-1), 0
	for i := range r.tp {
		if v := t.value(r.tp[i], r.fp[i], positives, negatives); v > best && scores[i] > scores[i+1] {
			best, at = v, i
		}
	}
	offset := []float64{0, 0}
	offset[class] = -between(scores[at], scores[at+1])
	return FittedCalibrator{Name: "threshold", Scale: []float64{1}, Offset: offset}, nil
}

// scores are the logits of a class from the highest down, each once, between infinities:
// number i is the lowest above threshold i of rank, but for those that float64 cannot tell
// apart.
func (p Predictions) scores(class int) []float64 {
	out, o := []float64{math.Inf(1)}, p.order(class)
	for at, score := range o.score {
		if o.last[at] {
			out = append(out, logitOf(score))
		}
	}
	return append(out, math.Inf(-1))
}

// value of a threshold with so many true and false positives above it.
func (t Threshold) value(tp, fp, positives, negatives float64) float64 {
	const slack = 1e-12 // a share of counts is not exact
	sensitivity, specificity := tp/positives, 1-fp/negatives
	switch t.Best {
	case "youden":
		return sensitivity + specificity - 1
	case "sensitivity":
		return enough(sensitivity, t.Least-slack, specificity)
	case "specificity":
		return enough(specificity, t.Least-slack, sensitivity)
	}
	return 2 * tp / (tp + fp + positives)
}

// enough puts what has as much as wanted, by the other number, before all that has less, by how much
// that is.
func enough(has, wanted, other float64) float64 {
	if has >= wanted {
		return 1 + other
	}
	return has
}

// between is the middle, or one beyond the only score there is.
func between(above, below float64) float64 {
	switch {
	case math.IsInf(above, 1):
		return below + 1
	case math.IsInf(below, -1):
		return above - 1
	}
	return (above + below) / 2
}

func logitOf(p float64) float64 { return math.Log(max(p, epsilon)) - math.Log(max(1-p, epsilon)) }
