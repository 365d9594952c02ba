package experiments

import (
	"fmt"

	"vertebra/stages/train"
)

// planCheckpoints estimates what one training leaves at most: best, last (with the
// best weights, the optimizer and averages in it), the final weights where they are
// others, and what rules keep of single epochs. needed is the part that the run
// cannot do without.
func planCheckpoints(c train.Config, m Memory) (needed, all int64) {
	needed = m.Weights + 2*m.Weights + m.Optimizer
	if c.EMA != nil || c.SWA != nil {
		needed += m.Gradients // the trained part, once more
	}
	if c.Phases[len(c.Phases)-1].Keep == "last" {
		needed += m.Weights
	}
	epochs := 0
	for _, p := range c.Phases {
		epochs += p.Epochs
		if c.Checkpoints.Best > 1 {
			all += int64(min(c.Checkpoints.Best, p.Epochs)) * m.Weights
		}
	}
	if c.Checkpoints.Every > 0 {
		all += int64(epochs/c.Checkpoints.Every) * m.Weights
	}
	all += needed
	if budget := int64(c.Checkpoints.Disk * 1e9); budget > 0 {
		all = max(needed, min(all, budget))
	}
	return needed, all
}

// diskWarnings say where the budget is too small for what the run needs.
func diskWarnings(c train.Config, m Memory) []string {
	needed, _ := planCheckpoints(c, m)
	if budget := c.Checkpoints.Disk * 1e9; budget == 0 || float64(needed) <= budget {
		return nil
	}
	return []string{fmt.Sprintf("train.checkpoints.disk: best and last take about %.3g GB, more than the %.3g GB that are allowed: they are stored all the same, and nothing else is kept",
		float64(needed)/1e9, c.Checkpoints.Disk)}
}
