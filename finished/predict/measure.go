package predict

import (
	"slices"

	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// Measure says how good predictions are, by the metrics of the run and its prediction sets, where
// there are some; nothing where a label is not known.
func (p Predictor) Measure(items []stage.Prediction) (scalars []stage.Scalar, measured bool, err error) {
	if slices.ContainsFunc(items, func(item stage.Prediction) bool { return item.Label < 0 }) {
		return nil, false, nil
	}
	if scalars, err = evaluate.Measure(p.Experiment.Evaluate, p.Asked.Classes)(items); err != nil || p.Sets == nil {
		return scalars, err == nil, err
	}
	of, err := p.Sets.Measure(p.Experiment.Evaluate, p.Asked.Classes, items)
	return append(scalars, of...), err == nil, err
}

// Silent are the targets that no prediction is of.
func (p Predictor) Silent(items []stage.Prediction) (out []string) {
	for _, target := range p.Asked.Targets {
		if !slices.ContainsFunc(items, func(item stage.Prediction) bool { return item.Tags[stage.TargetTag] == target }) {
			out = append(out, target)
		}
	}
	return out
}
