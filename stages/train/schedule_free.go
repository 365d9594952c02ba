package train

import (
	"context"
	"errors"
	"maps"
	"slices"

	"vertebra/stages/internal/torch"
)

func init() {
	Optimizers.Add("schedule_free", "AdamW that is judged by an average of its steps, in the place of a falling rate (Defazio et al. 2024)",
		ScheduleFree{Rate: 2.5e-3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Statistics: 50})
}

// ScheduleFree is AdamW of Defazio et al. 2024 (The Road Less Scheduled, algorithm 1), as
// facebookresearch/schedule_free computes it: gradients are taken at y = (1 − Beta1)·z + Beta1·x, z makes the
// steps, and x is the mean of all z, weighed by the squares of the largest rates so far. Validation, the
// best weights and what the phase hands on are x; the statistics of batch-norm that go with x are measured after
// each epoch, as the authors advise. A warm-up is the schedule's: schedule: {constant: {warmup: 1}}.
type ScheduleFree struct {
	Rate        float64 `help:"learning rate, the largest that works: it does not fall" over:"0"`
	Beta1       float64 `help:"how near the averaged weights gradients are taken; 0.95 or 0.98 suits long trainings" over:"0" under:"1"`
	Beta2       float64 `help:"decay of the mean squared gradient" min:"0" under:"1"`
	Eps         float64 `help:"added to the root of the mean square" over:"0"`
	WeightDecay float64 `help:"share of the weight that each step removes, times the rate" min:"0"`
	Statistics  int     `help:"batches of training images that batch-norm is measured on for the averaged weights, after each epoch; 0 for all" min:"0"`
}

// Rule is schedule-free AdamW's.
func (a ScheduleFree) Rule() torch.Rule {
	return torch.Rule{Kind: torch.RuleScheduleFree, Beta1: a.Beta1, Beta2: a.Beta2, Eps: a.Eps}
}

// Settings are rate and decay.
func (a ScheduleFree) Settings() (rate, decay float64) { return a.Rate, a.WeightDecay }

// ScheduleFree is the schedule-free optimizer of a phase, also one of a group or within another optimizer.
func (c Config) ScheduleFree(p Phase) (ScheduleFree, bool) {
	all := []Optimizer{c.optimizer(p)}
	for _, group := range slices.Sorted(maps.Keys(p.Optimizers)) {
		all = append(all, p.Optimizers[group].Part)
	}
	for _, o := range all {
		if sam, is := o.(SAM); is {
			o = sam.Optimizer.Part
		}
		if free, is := o.(ScheduleFree); is {
			return free, true
		}
	}
	return ScheduleFree{}, false
}

// averagesAlone refuses averages of averages, and an optimizer that goes on from weights which are
// not its own.
func (c Config) averagesAlone(p Phase) error {
	_, free := c.ScheduleFree(p)
	switch {
	case free && (c.EMA != nil || c.SWA != nil):
		return errors.New("phase " + p.Name + ": schedule_free averages the weights itself; remove ema and swa, or take adamw")
	case free && p.OptimizerState == "kept":
		return errors.New("phase " + p.Name + ": optimizer_state: schedule_free hands on its average, which its state does not belong to; write fresh")
	}
	return nil
}

// averagePoints lays beside the net what schedule_free is to be judged by.
func (t *trainer) averagePoints(ctx context.Context, free ScheduleFree) error {
	err := t.net.Engine().Do(ctx, func(s *torch.Scope) error {
		t.averages = torch.NewEMA(s, moving(t.net.Store))
		for _, p := range t.net.Store.Parameters {
			if !p.Trainable {
				continue
			}
			if x := t.optimizer.Averaged(s, p); x.Valid() {
				t.averages.Set(s, p.Name, x)
			}
		}
		return s.Err()
	})
	if err != nil {
		return err
	}
	return t.measureStatistics(ctx, free.Statistics)
}
