package train

import (
	"errors"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Optimizers.Add("sam", "another optimizer, by the gradients where the loss is the largest nearby; a step takes two passes (Foret et al. 2021)",
		SAM{Rho: 0.05, Optimizer: registry.One[Optimizer]{Name: "adam"}})
}

// SAM is sharpness-aware minimization (Foret et al. 2021, Sharpness-Aware Minimization for Efficiently
// Improving Generalization, algorithm 1): the weights w go to w + Rho·g/‖g‖ by the gradient g of a batch, the
// gradient of the same batch is taken there, and the optimizer makes a step with it from w. With Adaptive it
// is ASAM (Kwon et al. 2021), for which a step to there is w + Rho·w²·g/‖w·g‖, element by element and without
// the small number that the authors add to the weights.
//
// Both passes see the same images, changed and dropped out alike. Loss, accuracy and the statistics of
// batch-norm are those of the first; clipping and decay.l2 act on the gradients of the second.
type SAM struct {
	Rho       float64                 `help:"how far away the gradients are taken, all weights together; adaptive wants more, the paper 0.5 to 2" over:"0"`
	Adaptive  bool                    `help:"distances are measured in parts of the weights (ASAM), so that large weights may go farther"`
	Optimizer registry.One[Optimizer] `help:"the optimizer that makes the steps"`
}

// Validate refuses a sam in a sam.
func (a SAM) Validate() error {
	if _, again := a.Optimizer.Part.(SAM); again {
		return errors.New("sam cannot hold another sam")
	}
	return nil
}

// Rule is the inner optimizer's.
func (a SAM) Rule() torch.Rule { return a.Optimizer.Part.Rule() }

// Settings are those of the inner optimizer.
func (a SAM) Settings() (rate, decay float64) { return a.Optimizer.Part.Settings() }

// uphill does work where the loss is about the largest nearby, by the gradients there are, and brings the
// weights back to the bit.
func (a SAM) uphill(s *torch.Scope, updates []torch.Update, work func() error) error {
	var before []memo
	for _, u := range updates {
		before = append(before, memo{u.Parameter.Tensor, s.Clone(u.Parameter.Tensor)})
	}
	s.Ascend(updates, a.Rho, a.Adaptive)
	err := work()
	restoreAll(s, before)
	for _, m := range before {
		s.Drop(m.value)
	}
	return errors.Join(err, s.Err())
}

// Passes is how often a step of the phase goes through the net with each image.
func (c Config) Passes(p Phase) int {
	if _, is := c.optimizer(p).(SAM); is {
		return 2
	}
	return 1
}

// secondPass takes the gradients of the batch again where the phase's optimizer wants those of
// another place, and says whether they are to be used.
func (t *trainer) secondPass(s *torch.Scope, b batch, seen augment.Augmented, updates []torch.Update, sum *tally) (fits bool, err error) {
	sam, is := t.cfg.optimizer(t.phase).(SAM)
	if !is {
		return true, nil
	}
	counted := append(t.statistics(s), memo{sum.hits, s.Clone(sum.hits)})
	err = sam.uphill(s, updates, func() error {
		loss, err := t.backward(s, b, seen, updates, sum)
		if err != nil {
			return err
		}
		return t.finite(s, loss)
	})
	if err != nil {
		return false, err
	}
	restoreAll(s, counted)
	return t.unscale(s, updates)
}

// withoutGroups refuses sam where groups have optimizers of their own.
func (c Config) withoutGroups(p Phase) error {
	_, is := c.optimizer(p).(SAM)
	for _, o := range p.Optimizers {
		_, one := o.Part.(SAM)
		is = is || one
	}
	if is && len(p.Optimizers) > 0 {
		return errors.New("phase " + p.Name + ": sam goes uphill with all weights together, so no group has an optimizer of its own; remove optimizers, or take another optimizer than sam")
	}
	return nil
}
