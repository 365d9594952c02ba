package evaluate

import (
	"fmt"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Outliers asks that each net learns what the images of its training are like, so that it
// can tell later which ones are not.
type Outliers struct {
	Samples int `help:"training samples that are looked at, from all over the split" min:"2" max:"100000"`
	Axes    int `help:"directions of what the last layer sees whose spread is kept for each; the others share one" min:"1" max:"4096"`
}

// Defaults is what an empty section means.
func (Outliers) Defaults() Outliers { return Outliers{Samples: 2000, Axes: 256} }

// Words says what is asked, for a plan.
func (o Outliers) Words() string {
	return fmt.Sprintf("told by how far they lie from up to %d training samples, of %d axes, and how rare that is in the validation split", o.Samples, o.Axes)
}

// outliersFit asks for validation cases, which say how far is far.
func (cfg Config) outliersFit(cases []stage.Case) registry.Problems {
	if cfg.Outliers == nil {
		return nil
	}
	for _, of := range validating(cases) {
		if slices.ContainsFunc(of, func(c stage.Case) bool { return c.Split == stage.Validation }) {
			return nil
		}
	}
	return registry.Problems{{Path: "outliers", Text: "there are no validation cases that say how far from the training is far", Hint: "give data.split.validation a share, or leave outliers out"}}
}
