package experiments

import (
	"testing"

	"vertebra/stages/train"
)

func TestPlanCheckpoints(t *testing.T) {
	t.Parallel()
	m := Memory{Weights: 100e6, Gradients: 80e6, Optimizer: 160e6}
	plain := train.Default
	plain.Phases = []train.Phase{{Epochs: 10, Keep: "best"}, {Epochs: 2, Keep: "best"}}
	with := func(change func(*train.Config)) train.Config {
		c := plain
		change(&c)
		return c
	}
	for name, test := range map[string]struct {
		c           train.Config
		needed, all int64
	}{
		"plain":  {plain, 460e6, 460e6},
		"ema":    {with(func(c *train.Config) { c.EMA = &train.EMA{} }), 540e6, 540e6},
		"last":   {with(func(c *train.Config) { c.Phases = []train.Phase{{Epochs: 1, Keep: "last"}} }), 560e6, 560e6},
		"rules":  {with(func(c *train.Config) { c.Checkpoints.Every, c.Checkpoints.Best = 5, 3 }), 460e6, 460e6 + 500e6 + 200e6},
		"budget": {with(func(c *train.Config) { c.Checkpoints.Every, c.Checkpoints.Disk = 1, 0.6 }), 460e6, 600e6},
		"small":  {with(func(c *train.Config) { c.Checkpoints.Every, c.Checkpoints.Disk = 1, 0.1 }), 460e6, 460e6},
	} {
		if needed, all := planCheckpoints(test.c, m); needed != test.needed || all != test.all {
			t.Errorf("%s: got %d and %d, want %d and %d", name, needed, all, test.needed, test.all)
		}
		if warned := len(diskWarnings(test.c, m)) > 0; warned != (name == "small") {
			t.Errorf("%s: warned %v", name, warned)
		}
	}
}
