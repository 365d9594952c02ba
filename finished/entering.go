package finished

import (
	"fmt"

	"vertebra/stages/model"
	"vertebra/stages/preprocess"
)

// Entering is how images enter a run's nets: their layout after preprocessing, and mean and std.
type Entering struct {
	preprocess.Layout
	Input model.Input
}

// Entering says how images enter the nets.
func (o Opened) Entering() (e Entering, err error) {
	if e.Layout, err = preprocess.Describe(o.Experiment.Preprocess); err != nil {
		return e, fmt.Errorf("preprocess: %w", err)
	}
	e.Layout = e.In(len(o.Experiment.Data.Views))
	if e.Input, err = o.Experiment.Model.Input.Follow(e.Normalisation); err != nil {
		return e, fmt.Errorf("model: %w", err)
	}
	return e, nil
}
