package experiments

import (
	"fmt"

	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/train"
)

// imagesFitNet wants the images to have the channels that the net takes, and one
// place that says how pixels enter it.
func imagesFitNet(e Experiment, c *checker) {
	layout, err := preprocess.Describe(e.Preprocess)
	if err != nil {
		return // imagesHaveOneSize tells, or the plan
	}
	if n := layout.Shape.Channels; n != 1 && n != e.Model.Input.Channels {
		c.fail("model.input.channels", fmt.Sprintf("the images have %d channels, the net takes %d", n, e.Model.Input.Channels), fmt.Sprintf("write channels: %d", n))
		return
	}
	if _, err := e.Model.Input.Follow(layout.Normalisation); err != nil {
		c.fail("model.input", err.Error(), "")
	}
}

// weighedTwice warns where two settings make up for the same unequal classes.
func weighedTwice(e Experiment, c *checker) {
	balance := e.Train.Balance
	weighed := balance.ClassWeights != "none"
	if weighed && (balance.Sampling == "over" || balance.Sampling == "under") {
		c.warn("train.balance", "makes up for unequal classes twice: by class_weights and by sampling", "set one of them to none")
	}
	how := ""
	switch loss := e.Train.Loss.Part.(type) {
	case train.Focal:
		if loss.Alpha != "none" {
			how = "alpha of focal"
		}
	case train.ClassBalanced:
		how = "class_balanced"
	}
	if weighed && how != "" {
		c.warn("train.balance.class_weights", "weighs the classes a second time, after "+how, "set one of them to none")
	}
}

// outputsCanDiffer warns of a last layer whose outputs all rank images alike under a
// loss that wants them to differ: only their biases would tell classes apart.
func outputsCanDiffer(e Experiment, c *checker) {
	const classes = 3
	if e.Model.Last == "shared" && e.Train.Outputs(classes) == classes {
		c.warn("model.last", "under "+e.Train.Loss.Name+" all outputs rank images alike: they share their weights",
			"write last: linear, or take an ordinal loss such as coral")
	}
}

// schedulesFit warns of schedules that do not get to what they are for before
// the phase ends. A schedule says so itself by a method Fits.
func schedulesFit(e Experiment, c *checker) {
	for i, p := range e.Train.Phases {
		path := fmt.Sprintf("train.phases.%d.schedule.%s", i, p.Schedule.Name)
		if s, ok := p.Schedule.Part.(interface {
			Fits(epochs int) []registry.FieldProblem
		}); ok {
			for _, f := range s.Fits(p.Epochs) {
				c.warn(join(path, f.Path), f.Text, f.Hint)
			}
		}
	}
}

// idleSettings warns of settings that another setting makes void.
func idleSettings(e Experiment, c *checker) {
	for _, f := range registry.Idle(e, c.says) {
		c.warn(f.Path, f.Text, f.Hint)
	}
}

// augmentationsWork warns of entries that begin after the last epoch of the run.
func augmentationsWork(e Experiment, c *checker) {
	epochs := 0
	for _, p := range e.Train.Phases {
		epochs += p.Epochs
	}
	for _, f := range e.Augment.Idle(epochs) {
		c.warn(join("augment", f.Path), f.Text, f.Hint)
	}
}

// stepsWork warns of preprocessing that has no effect, or a doubtful one.
func stepsWork(e Experiment, c *checker) {
	for _, f := range preprocess.Idle(e.Preprocess) {
		c.warn(join("preprocess", f.Path), f.Text, f.Hint)
	}
}
