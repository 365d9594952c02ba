package evaluate

import (
	"slices"

	"vertebra/stages/stage"
)

// Targets may have classes of their own (stage.Questions). What is said of one then is
// measured among these: labels and probabilities are numbered in their order.

// ownClasses gives predictions of one question among its classes, and the names of these.
// Predictions whose answers are among all classes, or not all among the same, stay as they
// are.
func ownClasses(classes []string, items []stage.Prediction) ([]string, []stage.Prediction) {
	among := items[0].Among
	if among == nil || slices.ContainsFunc(items, func(item stage.Prediction) bool { return !slices.Equal(item.Among, among) }) {
		return classes, items
	}
	names, out := make([]string, len(among)), make([]stage.Prediction, len(items))
	for i, class := range among {
		names[i] = classes[class]
	}
	for i, item := range items {
		out[i] = own(item)
	}
	return names, out
}

// own is a prediction among the classes of its question alone.
func own(item stage.Prediction) stage.Prediction {
	if item.Among == nil {
		return item
	}
	probabilities := make([]float64, len(item.Among))
	for i, class := range item.Among {
		probabilities[i] = item.Probabilities[class]
	}
	item.Label, item.Probabilities, item.Among = slices.Index(item.Among, item.Label), probabilities, nil
	return item
}

// having are the predictions whose answer can be a class.
func (p Predictions) having(class int) Predictions {
	lacks := func(item stage.Prediction) bool { return item.Among != nil && !slices.Contains(item.Among, class) }
	if !slices.ContainsFunc(p.Items, lacks) {
		return p
	}
	at := []int32{}
	for i, item := range p.Items {
		if !lacks(item) {
			at = append(at, int32(i))
		}
	}
	out := p.of(make([]stage.Prediction, len(at)))
	for k, i := range at {
		out.Items[k] = p.Items[i]
	}
	if p.Weights != nil {
		out.Weights = picked(p.Weights, at)
	}
	return out
}

// shared says whether all targets have the classes of p.
func (p Predictions) shared(targets []Target) bool {
	return !slices.ContainsFunc(targets, func(t Target) bool { return !slices.Equal(t.Classes, p.Classes) })
}

// eachClass visits the classes of each target; of two the positive one alone.
func eachClass(targets []Target, visit func(of Target, class int)) {
	for _, of := range targets {
		first := 0
		if len(of.Classes) == 2 {
			first = 1
		}
		for class := first; class < len(of.Classes); class++ {
			visit(of, class)
		}
	}
}
