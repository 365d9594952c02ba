// Package pretrain lets a backbone learn from images alone, before the phases of training: what it
// makes of two views of an image is to be alike. Labels are not asked.
//
// Shapes: B images, N = 2·B views of them, those of an image side by side, P numbers of a projection,
// F features.
package pretrain

import (
	"errors"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/train"
)

// Config is the section pretrain of an experiment.
type Config struct {
	Method    registry.One[Method]          `help:"what is learnt of views of images"`
	Images    []registry.Path               `help:"images without labels that join those of the training split, as runner predict takes them: files, folders, or one table with the columns of the data's own. What shares an image, its study or its patient with validation or test stays out"`
	Source    *registry.One[audit.Source]   `help:"in place of images a source without labels, which runner predict reads from an experiment: rsna with part: test"`
	Epochs    int                           `help:"epochs over all these images" min:"1" max:"100000"`
	Batch     int                           `help:"images in one optimizer step, each in two views. They are compared with one another, so a batch is never computed in parts, and a last one that is not full is left out" min:"2" max:"32768"`
	Optimizer registry.One[train.Optimizer] `help:"how gradients become new weights"`
	Schedule  registry.One[train.Schedule]  `help:"how the learning rate changes over the epochs"`
	Decay     train.Decay                   `help:"what loses weight besides the optimizer's rule"`
	Clip      train.Clip                    `help:"limits of the gradients"`
	Augment   augment.Config                `help:"what makes a view of an image, at random: the backbone learns not to see what this changes. By default SimCLR's recipe, with crops of a fifth of the image or more; colours are changed where there are some"`
}

// Name is that of the section, of the phase of its training, and of the folder of its weights.
const Name = "pretrain"

// Defaults is what absent settings are.
func (Config) Defaults() Config {
	return Config{
		Method:    part(Methods, "simclr"),
		Epochs:    100,
		Batch:     64,
		Optimizer: part(train.Optimizers, "adamw"),
		Schedule:  registry.One[train.Schedule]{Name: "cosine", Part: train.Cosine{Cycles: 1, Growth: 1, Pace: train.Pace{Per: "step", WarmupStart: 0.01}}},
		Decay:     train.Decay{On: "weights"},
		Augment:   recipe(),
	}
}

// recipe is that of SimCLR (Chen et al. 2020, A Simple Framework for Contrastive Learning of Visual
// Representations, appendix A), milder where small findings would be cut or washed away: crops of 20 %
// in place of 8, half its distortion of colours, and no image made grey.
func recipe() augment.Config {
	often := augment.When{P: 0.8, From: 1}
	return augment.Config{
		{Name: "resized_crop", Part: augment.ResizedCrop{Area: [2]float64{0.2, 1}, Ratio: [2]float64{0.75, 1.3333333333333333}, When: augment.Always}},
		{Name: "flip", Part: augment.Flip{Horizontal: 0.5, Sides: "swap", When: augment.Always}},
		{Name: "brightness", Part: augment.Brightness{By: 0.4, When: often}},
		{Name: "contrast", Part: augment.Contrast{By: 0.4, When: often}},
		{Name: "saturation", Part: augment.Saturation{By: 0.4, When: often}},
		{Name: "hue", Part: augment.Hue{By: 0.1, When: often}},
		{Name: "blur", Part: augment.Blur{Sigma: 1, When: augment.When{P: 0.5, From: 1}}},
	}
}

func part[T any](parts *registry.Kind[T], name string) registry.One[T] {
	one, _ := parts.Default(name)
	return one
}

// Validate wants the images said once, and views that differ.
func (c Config) Validate() error {
	switch {
	case len(c.Images) > 0 && c.Source != nil:
		return errors.New("say either images or source")
	case len(c.Augment) == 0:
		return errors.New("augment is empty: both views of an image would be the same, and nothing could be learnt of them")
	case c.Augment.Mixes():
		return errors.New("augment: one of its entries makes one image of two, which is a view of none")
	}
	return nil
}

// beside are the images that join those of the data.
func (c Config) beside() audit.Beside {
	return audit.Beside{At: Name, Images: c.Images, Source: c.Source}
}

// Model is the net that is trained: the experiment's, with a projection for a head. The backbone
// itself learns, also where corrections will stand beside its layers.
func (c Config) Model(of model.Config) model.Config {
	of.Head, of.Lora, of.Last = c.Method.Part.Head(), nil, "linear"
	return of
}

// Task is what it gives, where the experiment's net answers a task.
func (c Config) Task(of model.Task) model.Task {
	return of.Projecting(c.Method.Part.Width())
}

// Training is how it is trained; the experiment's training says how a net computes, and when the
// state is stored.
func (c Config) Training(of train.Config) train.Config {
	t := train.Default
	t.Loss = registry.One[train.Loss]{Name: c.Method.Name, Part: objective{c.Method}}
	t.Batch = registry.Count(views * c.Batch)
	t.Optimizer, t.Clip, t.Decay, t.Compute, t.Monitor = c.Optimizer, c.Clip, c.Decay, of.Compute, "train.loss"
	t.Checkpoints.Minutes, t.Checkpoints.Steps = of.Checkpoints.Minutes, of.Checkpoints.Steps
	phase := train.Phase{}.Defaults()
	phase.Name, phase.Train, phase.Epochs, phase.Schedule, phase.Keep = Name, []string{model.All}, c.Epochs, c.Schedule, "last"
	t.Phases = []train.Phase{phase}
	return t.Within(Name)
}
