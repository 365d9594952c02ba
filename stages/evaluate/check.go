package evaluate

import (
	"fmt"

	"vertebra/stages/stage"
)

// Check finds out before anything is trained whether every metric can work
// with these classes and cases. It measures, for each split that will be
// predicted, predictions that know nothing: each class equally likely.
func Check(cfg Config, classes []string, cases []stage.Case) error {
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		items := undecided(len(classes), cases, split)
		if len(items) == 0 {
			continue
		}
		p, err := cfg.prepare(classes, items)
		if err == nil {
			_, err = measure(parts(cfg), p)
		}
		if err != nil {
			return fmt.Errorf("%s split: %w", split, err)
		}
	}
	return nil
}

func undecided(classes int, cases []stage.Case, split stage.Split) []stage.Prediction {
	alike := make([]float64, classes)
	for i := range alike {
		alike[i] = 1 / float64(classes)
	}
	var out []stage.Prediction
	for _, c := range cases {
		if c.Split == split {
			out = append(out, stage.Prediction{
				CaseID: c.ID, Group: c.Group, Split: split, Label: c.Label, Probabilities: alike, Tags: c.Tags,
			})
		}
	}
	return out
}
