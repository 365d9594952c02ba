package model

import (
	"context"
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// PrepareRecompute measures what each layer leaves for the backward pass, by which segments are
// chosen, and records how many of the layers are computed again.
func (n *Net) PrepareRecompute(ctx context.Context, env stage.Env, shape preprocess.Shape) error {
	err := n.engine.Do(ctx, func(s *torch.Scope) error {
		n.measured = Size{}
		return n.measurePass(s, shape, &n.measured)
	})
	if err != nil {
		return fmt.Errorf("measuring the layers of the net: %w", err)
	}
	begins := n.measured.segments(0)
	return env.Recorder.Record(ctx, stage.Fact{Name: "recomputation", Value: fmt.Sprintf(
		"%d of %d layers are computed again for the backward pass; segments: %d", begins[len(begins)-1], len(n.body), len(begins)-1)})
}

// Recomputed is a pass of training that keeps what segments of layers take in, and computes the
// layers again when the backward pass needs what lies within.
type Recomputed struct {
	net    *Net
	pass   *torch.Pass
	begins []int          // the first layers of segments
	inputs []torch.Tensor // of segments; zero where none is computed again
	slope  *torch.Slope   // of what the last segment takes in; nil where nothing below it is trained
	// Again is how many multiply-adds are done again, where the pass is counted.
	Again int64
}

// ForwardRecomputed makes logits_BK of x_B as Forward does, or for from > 0 of features as
// FromFeatures. Backward is to be called once the gradients of the loss were asked for. Nothing
// that is drawn at random differs the second time, and statistics move once.
func (n *Net) ForwardRecomputed(p *torch.Pass, x torch.Tensor, from int) (logits_BK torch.Tensor, r *Recomputed) {
	r = &Recomputed{net: n, pass: p, begins: n.measured.segments(from)}
	if from == 0 {
		x = n.enter(p, x)
	} else {
		x = n.fed(p, x, from)
	}
	x = n.ordered(p, n.body[from:], x)
	again := false
	for i := range r.begins[:len(r.begins)-1] {
		layers, counted := r.layers(i), p.Work.Products()
		var made torch.Tensor
		p.NoGrad(func() { made = r.run(p, layers, x) })
		if made == x { // a layer that did nothing
			made = p.Detach(x)
		}
		if again = again || !layers.Fixed(); again {
			r.inputs, r.Again = append(r.inputs, x), r.Again+p.Work.Products()-counted
		} else {
			r.inputs = append(r.inputs, torch.Tensor{})
			p.Drop(x)
		}
		x = made
	}
	if x = p.Detach(x); again {
		r.slope = p.WantSlope(x)
	}
	return p.To(r.run(p, r.layers(len(r.begins)-1), x), torch.Float32), r
}

// layers are those of a segment.
func (r *Recomputed) layers(i int) torch.Sequence {
	if i+1 < len(r.begins) {
		return r.net.body[r.begins[i]:r.begins[i+1]]
	}
	return r.net.body[r.begins[i]:]
}

func (r *Recomputed) run(p *torch.Pass, layers torch.Sequence, x torch.Tensor) torch.Tensor {
	return p.Autocast(r.net.precision, func() torch.Tensor { return layers.Forward(p, x) })
}

// Backward computes the segments again, the last first, and brings the gradients through each.
func (r *Recomputed) Backward() {
	p := r.pass
	if r.slope == nil {
		return
	}
	slope := r.slope.Take(p.Scope)
	for i := len(r.inputs) - 1; i >= 0 && r.inputs[i].Valid() && slope.Valid(); i-- {
		above := slope
		slope = p.Inner(func(s *torch.Scope) torch.Tensor {
			x, wanted := s.Detach(r.inputs[i]), &torch.Slope{}
			if i > 0 && r.inputs[i-1].Valid() {
				wanted = s.WantSlope(x)
			}
			again := &torch.Pass{Scope: s, Train: true, Again: true, Seed: p.Seed, Covariates: p.Covariates}
			s.BackwardFrom(r.run(again, r.layers(i), x), above)
			return wanted.Take(s)
		})
		p.Drop(above)
		p.Drop(r.inputs[i])
	}
}
