package experiments

import (
	"fmt"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/preprocess"
	"vertebra/stages/pretrain"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// fewCompared is below how many images a batch tells little: of SimCLR's how one is told from the
// others, and of all methods what batch-norm makes of it.
const fewCompared, fewNormed = 32, 8

// pretrainingWorks warns of settings of a pretraining that will not do what they seem to.
func pretrainingWorks(e Experiment, c *checker) {
	if e.Pretrain == nil {
		return
	}
	p, at := *e.Pretrain, pretrain.Name
	for _, f := range scheduleFits(p.Schedule, p.Epochs) {
		c.warn(join(join(at+".schedule", p.Schedule.Name), f.Path), f.Text, f.Hint)
	}
	if c.says(at + ".augment") { // the default recipe has something for colours
		for _, f := range p.Augment.Idle(p.Epochs, augment.Stack{Slices: preprocess.SlicesOf(e.Preprocess), Blind: e.Model.Blind(), Colours: preprocess.InColour(e.Preprocess)}) {
			c.warn(join(at+".augment", f.Path), f.Text, f.Hint)
		}
	}
	switch {
	case p.Method.Name == "simclr" && p.Batch < fewCompared:
		c.warn(at+".batch", fmt.Sprintf("simclr tells an image among the %d of a batch, which is easy and teaches little", p.Batch), "take a larger batch, or method: vicreg, which compares no images")
	case p.Batch < fewNormed:
		c.warn(at+".batch", fmt.Sprintf("statistics over %d images say little: those of batch-norm, and what the method looks at", p.Batch), "take a larger batch")
	}
}

// pretrainingFits looks at what only the data shows, and needs no other images for.
func pretrainingFits(e Experiment, cases audit.Cases) (out registry.Problems) {
	if e.Pretrain == nil {
		return nil
	}
	for i, entry := range e.Pretrain.Augment {
		if err := (augment.Config{entry}).CheckSides(augment.Names{Views: cases.Views}, planesOf(cases, stage.Train)); err != nil {
			out = append(out, problemOf(fmt.Sprintf("pretrain.augment.%d.%s", i, entry.Name), err))
		}
	}
	return out
}
