package train

import (
	"context"
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// scaler multiplies the loss before the backward pass, so that float16 gradients do
// not vanish, as torch.amp.GradScaler does. By which factor is part of the state.
type scaler struct {
	scope  *torch.Scope
	factor torch.Tensor // one float32 on the device, at the same place all the time
}

// openScaler begins to scale where float16 needs it, or goes on with the factor of
// the checkpoint.
func (t *trainer) openScaler(ctx context.Context) error {
	if t.net.Precision() != torch.FP16 && !t.scales {
		return nil
	}
	if !t.state.Scale.Valid() {
		t.state.Scale = torch.NewLossScale()
	}
	return t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		t.scaler = &scaler{scope: s.Long()}
		t.scaler.factor = s.Move(s.Zeros(torch.Float32), t.scaler.scope)
		s.Fill(t.scaler.factor, t.state.Scale.Value)
		return s.Err()
	})
}

func (t *trainer) closeScaler() error {
	if t.scaler == nil {
		return nil
	}
	return t.net.Engine().Do(context.Background(), func(*torch.Scope) error { t.scaler.scope.Free(); return nil })
}

// scaled is the loss whose gradients are computed.
func (t *trainer) scaled(s *torch.Scope, loss torch.Tensor) torch.Tensor {
	if t.scaler == nil {
		return loss
	}
	return s.Mul(loss, t.scaler.factor)
}

// unscale makes the gradients those of the loss again, and says whether they are to
// be used: if any is infinite the update is left out, and the next loss is scaled by
// half. That waits for the device, as GradScaler does.
func (t *trainer) unscale(s *torch.Scope, updates []torch.Update) (fits bool, err error) {
	if t.scaler == nil {
		return true, nil
	}
	before := t.state.Scale
	fits = s.Unscale(updates, before.Value)
	if s.Err() != nil {
		return false, s.Err()
	}
	t.state.Scale = before.Next(fits)
	if t.state.Scale.Value != before.Value {
		s.Fill(t.scaler.factor, t.state.Scale.Value)
	}
	if fits {
		return true, s.Err()
	}
	t.state.LeftOut++
	if !t.state.Scale.Valid() {
		return false, stage.Fault{
			Err:  stage.Failure{What: stage.NotANumber, Err: fmt.Errorf("gradients are not finite even where the loss is not scaled up; the weights were not updated")},
			Hint: "set train.compute.precision to bf16 (GPUs of compute capability 8.0 and later) or fp32, or lower the learning rate",
		}
	}
	return false, s.Err()
}

// scalings are the numbers of an epoch whose loss was scaled.
func (t *trainer) scalings() []stage.Scalar {
	if t.scaler == nil {
		return nil
	}
	return []stage.Scalar{
		{Name: "updates_left_out", Title: "Updates left out, as gradients overflowed", Series: "train", Value: float64(t.state.LeftOut), Better: stage.LowerBetter},
		{Name: "loss_scale", Title: "What the loss is multiplied by for float16", Series: "train", Value: t.state.Scale.Value},
	}
}

// recordLeftOut notes what a phase did not learn from.
func (t *trainer) recordLeftOut(ctx context.Context) error {
	n := t.state.LeftOutBefore + t.state.LeftOut
	if n == 0 {
		return nil
	}
	return t.recordEvent(ctx, "info", "phase %s: %s left out, as gradients overflowed float16; each time the scale of the loss was halved, and it is %g now. "+
		"A few are usual while the scale finds its size", t.phase.Name, updatesWere(n), t.state.Scale.Value)
}

func updatesWere(n int) string {
	if n == 1 {
		return "1 update was"
	}
	return fmt.Sprintf("%d updates were", n)
}
