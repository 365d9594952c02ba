package train

import (
	"context"
	"errors"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
)

// EMA says how the averages of the weights follow the weights. A phase begins its
// averages anew; validation, the best weights and what the phase hands on are the
// averages.
type EMA struct {
	Decay  float64 `help:"share of the average that one optimizer step keeps" over:"0" under:"1"`
	WarmUp bool    `help:"the share begins low, so that early weights are forgotten soon: (1 + n) / (10 + n) at step n of the phase while that is less"`
}

// Defaults are for trainings of thousands of steps.
func (EMA) Defaults() EMA { return EMA{Decay: 0.999, WarmUp: true} }

// At is the decay of the phase's n-th step, from 1. The warm-up is that of
// tf.train.ExponentialMovingAverage(num_updates=n).
func (e EMA) At(n int64) float64 {
	if !e.WarmUp {
		return e.Decay
	}
	return min(e.Decay, (1+float64(n))/(10+float64(n)))
}

// startAverages begins with the present weights, where averages are wanted.
func (t *trainer) startAverages(s *torch.Scope) {
	if t.cfg.EMA != nil || t.cfg.SWA != nil && t.state.Averaged > 0 {
		t.averages = torch.NewEMA(s, moving(t.net.Store))
	}
}

// moving lists what training changes: trained parameters, and the statistics that
// move. A frozen number stays out: its average could differ from it by rounding.
func moving(store *torch.Store) (out []*torch.Parameter) {
	for _, p := range store.Parameters {
		if p.Trainable || p.Moves {
			out = append(out, p)
		}
	}
	return out
}

// average follows an update, where all steps count. The warm-up counts the phase's own: parameters that joined
// late, or whose optimizer state is older, have had another number of them.
func (t *trainer) average(s *torch.Scope) {
	if t.cfg.EMA != nil {
		t.state.Averaged++
		t.averages.Update(s, t.cfg.EMA.At(t.state.Averaged))
	}
}

// averaged runs work while the net has the averages as its weights.
func (t *trainer) averaged(ctx context.Context, work func() error) (err error) {
	if err := t.swap(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.swap(ctx)) }()
	return work()
}

func (t *trainer) swap(ctx context.Context) error {
	if t.averages == nil {
		return nil
	}
	return t.net.Engine().Do(context.WithoutCancel(ctx), func(s *torch.Scope) error {
		t.averages.Swap(s)
		return s.Err()
	})
}

func (t *trainer) closeAverages() error {
	if t.averages == nil {
		return nil
	}
	defer func() { t.averages = nil }()
	return t.averages.Close()
}

// averageState keeps the averages in a checkpoint, as tensors average/<parameter>.
type averageState struct{ t *trainer }

const averagePrefix = "average/"

func (a averageState) store(s *torch.Scope, f safetensors.File) {
	if a.t.averages == nil || a.t.cfg.EMA == nil && a.t.cfg.SWA == nil { // those of schedule_free follow from its state
		return
	}
	for name, tensor := range a.t.averages.Averages() {
		f.Tensors[averagePrefix+name] = safetensors.Tensor{Shape: s.Describe(tensor).Shape, Data: s.Float32s(tensor)}
	}
}

func (a averageState) load(s *torch.Scope, f safetensors.File) {
	if a.t.averages == nil {
		return
	}
	for name := range a.t.averages.Averages() {
		a.t.averages.Restore(s, name, f.Tensors[averagePrefix+name].Data)
	}
}
