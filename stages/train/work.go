package train

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// work is what a training image costs, from when the trained weights were chosen on.
// It is counted in the first pass then, which is never a recorded one.
type work struct {
	pass  torch.Work
	again int64   // multiply-adds of the counted pass that recomputation did a second time
	image float64 // multiply-adds, forward and backward; 0 before it is known
}

// Operations is the name of the number that says how much arithmetic an epoch did in a
// second: 2 for each multiply-add of convolutions and linear layers, forward and backward.
const Operations = "operations_per_second"

// counting has a pass counted where that was not done yet.
func (t *trainer) counting(p *torch.Pass) *torch.Pass {
	if t.work.image == 0 {
		t.work.pass = nil
		p.Work = &t.work.pass
	}
	return p
}

// count takes the pass that was counted, of images or features x_B.
func (t *trainer) count(s *torch.Scope, x_B torch.Tensor) {
	if t.work.image > 0 || s.Err() != nil {
		return
	}
	forward, backward := t.work.pass.Count(t.net.Trains)
	t.work.image = float64(forward+backward+t.work.again) / float64(s.Describe(x_B).Shape[0])
}

// achieved is what so many images a second mean; one that goes through the net twice counts twice.
func (w work) achieved(images float64) []stage.Scalar {
	if w.image == 0 {
		return nil
	}
	return []stage.Scalar{{Name: Operations, Title: "Arithmetic of training", Series: "train", Value: 2 * w.image * images / 1e9, Unit: "GFLOP/s", Better: stage.HigherBetter}}
}
