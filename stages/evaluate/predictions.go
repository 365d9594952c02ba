package evaluate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/stage"
)

// prepare sorts a copy of the predictions by case and refuses what no metric
// can make sense of.
func prepare(classes []string, items []stage.Prediction) (Predictions, error) {
	p := Predictions{Classes: classes, Items: slices.Clone(items), items: newMemo(), sums: newMemo()}
	if len(items) == 0 {
		return p, errors.New("there are no predictions")
	}
	byCase := func(a, b stage.Prediction) int { return cmp.Compare(a.CaseID, b.CaseID) }
	if !slices.IsSortedFunc(p.Items, byCase) {
		slices.SortStableFunc(p.Items, byCase)
	}
	for i, item := range p.Items {
		if i > 0 && item.CaseID == p.Items[i-1].CaseID {
			return p, fmt.Errorf("case %s: there are two predictions of it", item.CaseID)
		}
		if err := checkOne(item, len(classes)); err != nil {
			return p, fmt.Errorf("case %s: %w", item.CaseID, err)
		}
	}
	return p, nil
}

// prepare makes predictions whose numbers are averaged as the section says.
func (cfg Config) prepare(classes []string, items []stage.Prediction) (Predictions, error) {
	p, err := prepare(classes, items)
	p.averageOver = cfg.AverageOver
	return p, err
}

// of gives some of the items, or others in their place.
func (p Predictions) of(items []stage.Prediction) Predictions {
	return Predictions{Classes: p.Classes, Items: items, averageOver: p.averageOver, items: newMemo(), sums: newMemo()}
}

// weighted gives the same items with other weights. What no weight changes is
// shared with p.
func (p Predictions) weighted(weights []float64) Predictions {
	p.Weights, p.sums = weights, newMemo()
	return p
}

// sumTolerance is how far from 1 probabilities may sum: a softmax in float32 is
// off by 1e-6, one in bfloat16 by several thousandths.
const sumTolerance = 1e-3

func checkOne(p stage.Prediction, classes int) error {
	if len(p.Probabilities) != classes {
		return fmt.Errorf("%d probabilities for %d classes", len(p.Probabilities), classes)
	}
	if p.Label < 0 || p.Label >= classes {
		return fmt.Errorf("label %d, want 0 to %d", p.Label, classes-1)
	}
	if p.Among != nil && !slices.Contains(p.Among, p.Label) {
		return fmt.Errorf("label %d, which is none of the classes %v of its target", p.Label, p.Among)
	}
	sum := 0.0
	for i, v := range p.Probabilities {
		if math.IsNaN(v) || v < 0 || v > 1+sumTolerance {
			return fmt.Errorf("probability %v of class %d, want 0 to 1", v, i)
		}
		sum += v
	}
	if math.Abs(sum-1) > sumTolerance {
		return stage.Fault{
			Err:  fmt.Errorf("the probabilities add up to %v, want 1", sum),
			Hint: "they must come from a softmax over the classes, computed in float32",
		}
	}
	return nil
}

// ofSplit picks the predictions of one split.
func ofSplit(items []stage.Prediction, split stage.Split) []stage.Prediction {
	return slices.DeleteFunc(slices.Clone(items), func(p stage.Prediction) bool { return p.Split != split })
}
