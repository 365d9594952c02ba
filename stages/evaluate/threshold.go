package evaluate

import (
	"errors"
	"fmt"
	"math"

	"vertebra/stages/stage"
)

func init() {
	Calibrators.Add("threshold", "of two classes: moves the boundary between them to where the validation split shows the best F1 of the last one, or the best sum of sensitivity and specificity",
		Threshold{Best: "f1"})
}

// Threshold moves the logit of the last of two classes by an offset, so that it is the
// likelier one where its probability was above a threshold: the one that makes F1, or
// Youden's J = sensitivity + specificity − 1 (Youden 1950), largest. Of several targets each
// has its own. Probabilities are no better for it, decisions are.
type Threshold struct {
	Best string `help:"what is made largest: the F1 of the last class, or sensitivity and specificity together (youden)" oneof:"f1 youden"`
}

// Fits wants two classes.
func (Threshold) Fits(classes []string) error {
	if len(classes) != 2 {
		return stage.Fault{Err: fmt.Errorf("a threshold lies between two classes, there are %d", len(classes)), Hint: "take vector, which moves the boundaries of more"}
	}
	return nil
}

// Fit tries the middle between each two neighbouring scores.
func (t Threshold) Fit(p Predictions) (Mend, error) {
	const last = 1
	if err := t.Fits(p.Classes); err != nil {
		return Mend{}, err
	}
	o, r := p.order(last), rank(p, last)
	positives, negatives := r.tp[len(r.tp)-1], r.fp[len(r.fp)-1]
	if positives == 0 || negatives == 0 {
		return Mend{}, errors.New("threshold: one of the classes does not occur")
	}
	scores := []float64{math.Inf(1)} // the lowest above each threshold
	for at, score := range o.score {
		if o.last[at] {
			scores = append(scores, logitOf(score))
		}
	}
	scores = append(scores, math.Inf(-1))
	best, at := math.Inf(-1), 0
	for i := range r.tp {
		if v := t.value(r.tp[i], r.fp[i], positives, negatives); v > best {
			best, at = v, i
		}
	}
	return Mend{Name: "threshold", Scale: []float64{1}, Offset: []float64{0, -between(scores[at], scores[at+1])}}, nil
}

// value of a threshold with so many true and false positives above it.
func (t Threshold) value(tp, fp, positives, negatives float64) float64 {
	if t.Best == "youden" {
		return tp/positives - fp/negatives
	}
	return 2 * tp / (tp + fp + positives)
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
