package export

import (
	"context"
	"errors"
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// member is a member with its nets, which share their layers and differ in their weights.
type member struct {
	Member
	net     *model.Net
	kept    *torch.Scope
	weights [][]torch.Tensor // of each net
}

// load adds a member, with the weights that made its last predictions.
func (e *exporter) load(ctx context.Context, env stage.Env, of Member) error {
	net, err := model.Blank(ctx, env, of.Model, e.Layout.Shape, of.Task)
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	m := &member{Member: of, net: net}
	e.members = append(e.members, m)
	for _, weights := range of.Weights {
		if err := train.Restore(ctx, net, weights); err != nil {
			return err
		}
		if err := net.Engine().Do(ctx, m.keep); err != nil {
			return err
		}
	}
	return nil
}

// keep copies the weights that the net has now.
func (m *member) keep(s *torch.Scope) error {
	if m.kept == nil {
		m.kept = s.Long()
	}
	var own []torch.Tensor
	for _, t := range m.net.Store.Copies(s) {
		own = append(own, s.Move(t, m.kept))
	}
	m.weights = append(m.weights, own)
	return s.Err()
}

func (m *member) close() (err error) {
	if m.kept != nil {
		err = m.net.Engine().Do(context.Background(), func(*torch.Scope) error { m.kept.Free(); return nil })
	}
	return errors.Join(err, m.net.Close())
}

// named are all tensors of the member, for a file in which they stand under a prefix.
func (m *member) named(prefix string) (out []torch.Named) {
	for _, t := range m.net.InputTensors() {
		out = append(out, torch.Named{Name: prefix + t.Name, Tensor: t.Tensor})
	}
	for i, net := range m.weights {
		of := prefix
		if len(m.weights) > 1 {
			of += fmt.Sprintf("net%d.", i+1)
		}
		for j, p := range m.net.Store.Parameters {
			out = append(out, torch.Named{Name: of + p.Name, Tensor: net[j]})
		}
	}
	return out
}

// answers makes probabilities_B(TK) and logits_B(TO) of a batch: the means over the
// nets, the probabilities over the views of test-time augmentation too. They are not
// calibrated.
func (m *member) answers(s *torch.Scope, x given, about train.Asked) (probabilities, logits torch.Tensor) {
	for _, weights := range m.weights {
		var p, said torch.Tensor // said of the images as they are, which come first
		m.net.Store.With(weights, func() {
			p = m.Train.InViews(s, x.images, about, func(images_BCHW torch.Tensor, mirrored bool) torch.Tensor {
				z := m.net.Forward(&torch.Pass{Scope: s, Covariates: m.told(s, x, about, mirrored)}, images_BCHW)
				if !said.Valid() {
					said = z
				}
				return z
			})
		})
		if probabilities.Valid() {
			p, said = s.Add(probabilities, p), s.Add(logits, said)
		}
		probabilities, logits = p, said
	}
	if n := len(m.weights); n > 1 {
		probabilities, logits = s.Times(probabilities, 1/float64(n)), s.Times(logits, 1/float64(n))
	}
	return probabilities, logits
}

// told are the covariates that the member takes, of the other side where images are mirrored.
func (m *member) told(s *torch.Scope, x given, about train.Asked, mirrored bool) torch.Tensor {
	sides, _ := about.Sides() // no view mirrors where one is missing
	switch {
	case len(m.Task.Covariates) == 0:
		return torch.Tensor{}
	case mirrored && sides.Covariates != nil:
		return s.Columns(x.covariates, sides.Covariates)
	}
	return x.covariates
}
