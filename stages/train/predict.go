package train

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// validate measures the validation split with the present weights.
func (t *trainer) validate(ctx context.Context) ([]stage.Scalar, error) {
	var predictions []stage.Prediction
	err := t.averaged(ctx, func() (err error) {
		predictions, err = t.predict(ctx, stage.Validation, t.plain)
		return err
	})
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

// finalPredictions are those of validation and test, in the views of test-time
// augmentation.
func (t *trainer) finalPredictions(ctx context.Context) (all []stage.Prediction, err error) {
	if words := t.cfg.TestTime.String(); words != "" {
		if err := t.env.Recorder.Record(ctx, stage.Fact{Name: "test-time augmentation", Value: words}); err != nil {
			return nil, err
		}
	}
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		predictions, err := t.predict(ctx, split, t.inViews)
		if err != nil {
			return nil, err
		}
		all = append(all, predictions...)
	}
	return all, record(ctx, t.env, all)
}

// ask gives the probabilities_B(QK) of the next batch of the feed, which is of these items.
type ask func(s *torch.Scope, items []int) torch.Tensor

// plain asks about images as they are, or about the features of them.
func (t *trainer) plain(s *torch.Scope, items []int) torch.Tensor {
	p := &torch.Pass{Scope: s, Covariates: t.covariates(s, items, augment.Augmented{})}
	return t.cfg.Answers(t.images.Questions())(s, t.forward(p, t.feed.next(s)))
}

// inViews asks about images in all views.
func (t *trainer) inViews(s *torch.Scope, items []int) torch.Tensor {
	answers := answering{t.images.Questions(), t.sides, t.channels, t.images.Slices()}
	return t.cfg.inViews(s, t.feed.next(s), answers, func(x torch.Tensor, mirrored bool) torch.Tensor {
		seen := augment.Augmented{Mirrored: slices.Repeat([]bool{mirrored}, len(items))}
		return t.net.Forward(&torch.Pass{Scope: s, Covariates: t.covariates(s, items, seen)}, x)
	})
}

// predict asks the net about every case of a split, in inference mode.
func (t *trainer) predict(ctx context.Context, split stage.Split, how ask) ([]stage.Prediction, error) {
	items := indices(t.images, split)
	answers, err := t.probabilities(ctx, batches(items, t.cfg.BatchSize(), 1), how)
	if err != nil {
		return nil, fmt.Errorf("predicting the %s split: %w", split, t.cfg.memory(err))
	}
	var out []stage.Prediction
	k := len(t.images.Classes)
	for i, item := range items {
		for _, at := range casesOf(t.images, item) {
			from := (i*t.images.Questions().Count() + t.images.Cases[at].Target) * k
			out = append(out, t.prediction(at, split, answers[from:from+k]))
		}
	}
	return out, nil
}

// probabilities of all batches.
func (t *trainer) probabilities(ctx context.Context, all [][]int, how ask) ([]float64, error) {
	var out []float64
	err := t.besideGraphs(ctx, func() (err error) { out, err = t.answers(ctx, all, how); return err })
	return out, err
}

// besideGraphs does work. Where the device has no memory for it beside recorded passes of
// training, it is done again without those.
func (t *trainer) besideGraphs(ctx context.Context, work func() error) error {
	err := work()
	if err == nil || !errors.Is(err, torch.ErrOutOfMemory) {
		return err
	}
	gone := false
	if second := t.net.Engine().Do(ctx, func(s *torch.Scope) error { gone = t.giveUpGraph(s); return s.Err() }); second != nil || !gone {
		return errors.Join(err, second)
	}
	if err := t.recordNoGraph(ctx); err != nil {
		return err
	}
	return work()
}

// answers are read when all batches are through: reading waits for the device.
func (t *trainer) answers(ctx context.Context, all [][]int, how ask) (out []float64, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	t.feed.begin(all)
	var kept *torch.Scope
	var parts []torch.Tensor
	defer func() {
		_ = t.net.Engine().Do(context.WithoutCancel(ctx), func(*torch.Scope) error {
			if kept != nil {
				kept.Free()
			}
			return nil
		})
	}()
	for _, items := range all {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
			if kept == nil {
				kept = s.Long()
			}
			s.NoGrad(func() { parts = append(parts, s.Move(how(s, items), kept)) })
			return s.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	err = t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		for _, p := range parts {
			out = append(out, s.Float64s(p)...)
		}
		return s.Err()
	})
	return out, err
}

func (t *trainer) prediction(item int, split stage.Split, probabilities []float64) stage.Prediction {
	c, among := t.images.Cases[item], []int(nil)
	if t.images.Among != nil {
		among = t.images.Among[c.Target]
	}
	return stage.Prediction{
		CaseID: c.ID, Group: c.Group, Split: split, Phase: t.phase.Name,
		Label: c.Label, Probabilities: probabilities, Tags: c.Tags, Among: among,
	}
}
