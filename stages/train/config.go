package train

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"vertebra/stages/augment"
	"vertebra/stages/model"
	"vertebra/stages/registry"
)

// Config is the section train of an experiment.
type Config struct {
	Batch       registry.Count          `help:"images in one optimizer step; auto is 32, computed in parts where the device has no memory for all at once" min:"1" max:"65536"`
	Accumulate  registry.Count          `help:"parts that a batch is computed in, one after the other; gradients add up to the whole batch's, and more parts need less memory. auto is one, and more where memory is short. Trained batch-norm layers see the parts" min:"1" max:"65536"`
	Loss        registry.One[Loss]      `help:"what training makes small"`
	SoftLabels  *SoftLabels             `help:"what a file says of training cases joins their labels: predictions of other nets, or votes; none when absent. Validation, test, class counts and sampling keep the data's labels"`
	Balance     Balance                 `help:"how unequal class counts are met"`
	Optimizer   registry.One[Optimizer] `help:"how gradients become new weights"`
	Clip        Clip                    `help:"limits of the gradients"`
	Decay       Decay                   `help:"what loses weight besides the optimizer's rule"`
	EMA         *EMA                    `help:"averages of the weights over the steps, used in place of the weights; none when absent"`
	SWA         *SWA                    `help:"the mean of the weights after the last epochs of a phase, used in place of the weights (stochastic weight averaging); none when absent"`
	Compute     model.Compute           `help:"how the net computes"`
	TestTime    augment.TestTime        `help:"views of an image whose predictions are averaged: in the last predictions of a run and in runner predict, not after each epoch"`
	Features    Features                `help:"what happens to the outputs of layers that a phase leaves alone"`
	Monitor     string                  `help:"the number that steers schedules, stopping and which weights are kept: validation.<number>, or of one target alone validation.<number>/<target>, such as validation.macro_f1/edema"`
	Checkpoints Checkpoints             `help:"when the state is stored, for runs that are interrupted"`
	Phases      []Phase                 `help:"stretches of training, in order, each with its own trained groups" required:"true"`

	section string // see Within
}

// Within is the configuration of a training that another section of the experiment asks for, whose
// settings are called alike. Hints name that section's.
func (c Config) Within(section string) Config {
	c.section = section
	return c
}

// in names a setting of the section.
func (c Config) in(setting string) string { return cmp.Or(c.section, "train") + "." + setting }

// Default trains everything for ten epochs with Adam.
var Default = Config{
	Batch:       32,
	Accumulate:  1,
	Decay:       DefaultDecay,
	Loss:        registry.One[Loss]{Name: "cross_entropy"},
	Balance:     DefaultBalance,
	Optimizer:   registry.One[Optimizer]{Name: "adam"},
	Compute:     model.DefaultCompute,
	TestTime:    augment.DefaultTestTime,
	Features:    DefaultFeatures,
	Monitor:     "validation.loss",
	Checkpoints: DefaultCheckpoints,
}

// Validate checks what spans several settings.
func (c Config) Validate() error {
	if len(c.Phases) == 0 {
		return errors.New("phases is empty; want at least one, such as {name: all, train: [all], epochs: 10}")
	}
	if int(c.Accumulate) > c.BatchSize() {
		return fmt.Errorf("accumulate: %d parts of a batch of %d images", c.Accumulate, c.BatchSize())
	}
	if c.Accumulate > 1 && c.Loss.Part != nil && !c.Divisible() {
		return fmt.Errorf("accumulate: the loss %s looks at a batch as a whole; set accumulate to 1", c.Loss.Name)
	}
	if c.EMA != nil && c.SWA != nil {
		return errors.New("ema and swa are both averages of the weights; remove one of them")
	}
	seen := map[string]bool{}
	for i, p := range c.Phases {
		if seen[p.Name] {
			return fmt.Errorf("two phases are named %q", p.Name)
		}
		seen[p.Name] = true
		if len(p.Optimizers) > 0 && c.Clip.Norm > 0 {
			return fmt.Errorf("clip.norm: phase %s has several optimizers, whose gradients have no norm in common; clip.value limits them one by one", p.Name)
		}
		if err := errors.Join(c.withoutGroups(p), c.averagesAlone(p)); err != nil {
			return err
		}
		if i > 0 && p.OptimizerState == "kept" {
			if err := c.keeps(c.Phases[i-1], p); err != nil {
				return fmt.Errorf("phase %s: %w", p.Name, err)
			}
		}
	}
	return nil
}

// keeps says why a phase cannot go on with the optimizer of the one before.
func (c Config) keeps(before, p Phase) error {
	a, b := c.optimizer(before), c.optimizer(p)
	switch {
	case a == nil || b == nil: // a mistake that is told elsewhere
	case a.Rule() != b.Rule():
		return errors.New("optimizer_state: kept wants the optimizer of the phase before")
	case a.Rule().Lookahead.Every > 0 && p.From == "best":
		return errors.New("optimizer_state: lookahead's slow weights belong to the last weights; write from: last, or fresh")
	}
	return nil
}

// optimizer is the one that a phase uses for most parameters.
func (c Config) optimizer(p Phase) Optimizer {
	if p.Optimizer != nil {
		return p.Optimizer.Part
	}
	return c.Optimizer.Part
}

// optimizerOf is the one that a phase uses for a parameter, with its rate.
func (c Config) optimizerOf(p Phase, name string) (o Optimizer, rate float64) {
	word := ""
	if len(p.Optimizers) > 0 {
		word = model.Narrowest(slices.Sorted(maps.Keys(p.Optimizers)), name)
	}
	if word != "" {
		o = p.Optimizers[word].Part
		rate, _ = o.Settings()
		return o, rate
	}
	return c.optimizer(p), c.RateOf(p)
}

// RateOf is the learning rate that most parameters of a phase begin with.
func (c Config) RateOf(p Phase) float64 {
	if p.Rate != nil {
		return *p.Rate
	}
	rate, _ := c.optimizer(p).Settings()
	return rate
}
