package train

import (
	"context"
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// validate measures the validation split with the present weights.
func (t *trainer) validate(ctx context.Context) ([]stage.Scalar, error) {
	predictions, err := t.predict(ctx, stage.Validation)
	if err != nil || len(predictions) == 0 {
		return nil, err
	}
	scalars, err := t.measure(predictions)
	if err != nil {
		return nil, fmt.Errorf("validation of epoch %d: %w", t.epoch, err)
	}
	for i := range scalars {
		scalars[i].Series = string(stage.Validation)
	}
	return scalars, nil
}

// predict asks the net about every case of a split, in inference mode.
func (t *trainer) predict(ctx context.Context, split stage.Split) ([]stage.Prediction, error) {
	var out []stage.Prediction
	for _, items := range batches(indices(t.images, split), t.cfg.Batch, false) {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		var probabilities []float64
		b := gather(t.images, items)
		err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
			s.NoGrad(func() {
				logits_BK := t.net.Forward(&torch.Pass{Scope: s}, t.pixels(s, b))
				probabilities = s.Float64s(t.cfg.Probabilities(s, logits_BK))
			})
			return s.Err()
		})
		if err != nil {
			return nil, fmt.Errorf("predicting the %s split: %w", split, err)
		}
		k := len(probabilities) / len(items)
		for i, item := range items {
			out = append(out, t.prediction(item, split, probabilities[i*k:(i+1)*k]))
		}
	}
	return out, nil
}

func (t *trainer) prediction(item int, split stage.Split, probabilities []float64) stage.Prediction {
	c := t.images.Cases[item]
	return stage.Prediction{
		CaseID: c.ID, Group: c.Group, Split: split, Phase: t.phase.Name,
		Label: c.Label, Probabilities: probabilities, Tags: c.Tags,
	}
}
