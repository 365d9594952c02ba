package train

import (
	"errors"
	"fmt"

	"vertebra/stages/model"
	"vertebra/stages/registry"
)

// Config is the section train of an experiment.
type Config struct {
	Batch       int                     `help:"images in one optimizer step" min:"1" max:"65536"`
	Accumulate  int                     `help:"parts that a batch is computed in, one after the other; gradients add up to the whole batch's, and more parts need less memory. Trained batch-norm layers see the parts" min:"1" max:"65536"`
	Loss        registry.One[Loss]      `help:"what training makes small"`
	Balance     Balance                 `help:"how unequal class counts are met"`
	Optimizer   registry.One[Optimizer] `help:"how gradients become new weights"`
	Clip        Clip                    `help:"limits of the gradients"`
	Decay       Decay                   `help:"what loses weight besides the optimizer's rule"`
	EMA         *EMA                    `help:"averages of the weights over the steps, used in place of the weights; none when absent"`
	Compute     model.Compute           `help:"how the net computes"`
	Monitor     string                  `help:"the number that steers schedules, stopping and which weights are kept: validation.<metric>"`
	Checkpoints Checkpoints             `help:"when the state is stored, for runs that are interrupted"`
	Phases      []Phase                 `help:"stretches of training, in order, each with its own trained groups" required:"true"`
}

// Phase is one stretch of training.
type Phase struct {
	Name       string                 `help:"names the phase in reports and in from" required:"true"`
	Train      []string               `help:"parameter groups to train; all others are frozen, and frozen batch-norm works as in inference" required:"true"`
	Epochs     int                    `help:"most epochs" min:"1" max:"100000"`
	Rate       *float64               `help:"learning rate of this phase; the optimizer's own when absent" over:"0"`
	Factors    map[string]float64     `help:"by parameter group, what the phase's rate is multiplied by; of several groups that hold a parameter the narrowest counts"`
	LayerDecay float64                `help:"each layer group's rate is that of the next one, nearer the head, times this; the head has the phase's rate" over:"0" max:"1"`
	Schedule   registry.One[Schedule] `help:"how the learning rate changes over the epochs"`
	Stop       *Stop                  `help:"ends the phase early; it runs all epochs when absent"`
	Keep       string                 `help:"the weights that the phase hands on" oneof:"best last"`
	From       string                 `help:"which weights of the phase before this one begins with; the optimizer begins anew" oneof:"best last"`
}

// Stop ends a phase that has stopped getting better.
type Stop struct {
	Patience int     `help:"epochs without a better value" min:"1"`
	MinDelta float64 `help:"smallest change that counts as better" min:"0"`
}

// DefaultPhase is what a phase is when it does not say otherwise.
func (Phase) Defaults() Phase {
	return Phase{Epochs: 10, LayerDecay: 1, Schedule: registry.One[Schedule]{Name: "constant"}, Keep: "best", From: "best"}
}

// Default trains everything for ten epochs with Adam.
var Default = Config{
	Batch:       32,
	Accumulate:  1,
	Decay:       DefaultDecay,
	Loss:        registry.One[Loss]{Name: "cross_entropy"},
	Balance:     DefaultBalance,
	Optimizer:   registry.One[Optimizer]{Name: "adam"},
	Compute:     model.DefaultCompute,
	Monitor:     "validation.loss",
	Checkpoints: DefaultCheckpoints,
}

// Validate checks what spans several settings.
func (c Config) Validate() error {
	if len(c.Phases) == 0 {
		return errors.New("phases is empty; want at least one, such as {name: all, train: [all], epochs: 10}")
	}
	if c.Accumulate > c.Batch {
		return fmt.Errorf("accumulate: %d parts of a batch of %d images", c.Accumulate, c.Batch)
	}
	if c.Accumulate > 1 && c.Loss.Part != nil && !c.Divisible() {
		return fmt.Errorf("accumulate: the loss %s looks at a batch as a whole; set accumulate to 1", c.Loss.Name)
	}
	seen := map[string]bool{}
	for _, p := range c.Phases {
		if seen[p.Name] {
			return fmt.Errorf("two phases are named %q", p.Name)
		}
		seen[p.Name] = true
		for group, factor := range p.Factors {
			if !(factor > 0) {
				return fmt.Errorf("phase %s: factors: %s is %v; want a number over 0, or leave the group out of train", p.Name, group, factor)
			}
		}
	}
	return nil
}
