package train

import (
	"context"

	"vertebra/stages/internal/torch"
)

// SWA is stochastic weight averaging (Izmailov et al. 2018, Averaging Weights Leads to Wider Optima and
// Better Generalization, algorithm 1; torch.optim.swa_utils.AveragedModel, updated after each epoch): the mean of
// the weights that the last epochs of a phase ended with. The statistics of batch-norm are measured anew for
// it, as swa_utils.update_bn does. From its first epoch on validation, the best weights and what the phase
// hands on are the mean; a phase begins anew.
type SWA struct {
	From float64 `help:"share of the phase's epochs that is over before the first one counts" min:"0" under:"1"`
}

// Defaults average the last quarter.
func (SWA) Defaults() SWA { return SWA{From: 0.75} }

// Averages says whether the weights after an epoch of a phase, from 1, are among those that are averaged.
func (a SWA) Averages(p Phase, epoch int) bool { return epoch >= a.First(p) }

// First is the first epoch whose weights count; there is always one.
func (a SWA) First(p Phase) int { return min(p.Epochs, int(a.From*float64(p.Epochs))+1) }

// averageEpoch takes the weights that an epoch ended with along, once, and measures batch-norm for the mean.
func (t *trainer) averageEpoch(ctx context.Context) error {
	epoch := len(t.state.Values) + 1
	if !t.cfg.SWA.Averages(t.phase, epoch) {
		return nil
	}
	if t.state.AveragedEpoch < t.epoch { // else the epoch was interrupted after that
		if err := t.addEpoch(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
	return t.measureStatistics(ctx, 0)
}

func (t *trainer) addEpoch(ctx context.Context) error {
	err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		if t.averages == nil {
			t.averages = torch.NewEMA(s, moving(t.net.Store))
		}
		n := float64(t.state.Averaged + 1)
		t.averages.Update(s, (n-1)/n)
		return s.Err()
	})
	if err != nil {
		return err
	}
	t.state.Averaged++
	t.state.AveragedEpoch = t.epoch
	if t.state.Averaged > 1 {
		return nil
	}
	return t.recordEvent(ctx, "info", "phase %s, epoch %d: from here on the mean of the weights after each epoch is validated and kept (stochastic weight averaging)", t.phase.Name, t.epoch)
}
