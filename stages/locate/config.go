// Package locate trains a net that finds the points which nets of data.sample: point look at,
// for images on which nobody marked any. It sees one slice at a time, and says of each name
// which cell of a grid the point of that name lies in, or that it is not on the slice; where
// the points of a patient lie is then chosen for all names at once.
//
// Shapes: B images, H height, W width, K names.
package locate

import (
	"fmt"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Config is the section locate of an experiment.
type Config struct {
	Backbone   registry.One[model.Backbone] `help:"what the net begins with: one that makes maps, such as resnet18"`
	Pixels     int                          `help:"columns and rows of what the net sees: a whole slice, stretched. Its grid has a cell for each 4 by 4 of them" unit:"px" min:"64" max:"2048"`
	Preprocess preprocess.Config            `help:"what is done to a slice before that; each pixel stays where it is"`
	Augment    augment.Config               `help:"what is done at random to slices of the training; points move along"`
	Tags       []string                     `help:"tags whose values name a point; condition and level where there are these, and when empty elsewhere all points have one name"`
	Elsewhere  int                          `help:"so many slices without a point are shown in training for each with one, those of the same series" min:"0" max:"100"`
	Epochs     int                          `help:"epochs of the training" min:"1" max:"100000"`
	Batch      registry.Count               `help:"slices in one optimizer step; auto is 32, computed in parts where the device has no memory for all at once" min:"1" max:"65536"`
	Rate       float64                      `help:"learning rate of AdamW, which rises in the first epoch and then falls along a cosine" over:"0"`
}

// Defaults is what absent settings are.
func (Config) Defaults() Config {
	return Config{
		Backbone:   part(model.Backbones, "resnet18"),
		Pixels:     256,
		Preprocess: preprocess.Config{part(preprocess.Steps, "decode"), part(preprocess.Steps, "window")},
		Augment: augment.Config{
			{Name: "rotate", Part: augment.Rotate{Degrees: 10, When: augment.Always}},
			{Name: "zoom", Part: augment.Zoom{By: 0.1, Axes: "together", When: augment.Always}},
			{Name: "shift", Part: augment.Shift{By: 0.1, When: augment.Always}},
			{Name: "brightness", Part: augment.Brightness{By: 0.1, When: augment.Always}},
			{Name: "contrast", Part: augment.Contrast{By: 0.1, When: augment.Always}},
		},
		Elsewhere: 2, Epochs: 30, Batch: 16, Rate: 1e-3,
	}
}

func part[T any](parts *registry.Kind[T], name string) registry.One[T] {
	one, _ := parts.Default(name)
	return one
}

// stride is how many pixels a cell is wide and high.
const stride = 4

// Validate wants sizes that halve five times, steps that move no pixel, and labels that stay
// one point.
func (c Config) Validate() error {
	if c.Pixels%32 != 0 {
		return fmt.Errorf("pixels: %d is no multiple of 32", c.Pixels)
	}
	if err := c.keepsPlaces(); err != nil {
		return err
	}
	for _, entry := range c.Augment {
		if (augment.Config{entry}).Mixes() {
			return fmt.Errorf("augment: %s makes one image of two, which has no single point", entry.Name)
		}
	}
	return nil
}

// keepsPlaces wants steps that leave each pixel where it is.
func (c Config) keepsPlaces() error {
	for _, step := range c.Preprocess {
		if step.Part == nil {
			return nil // a mistake that is told elsewhere
		}
		if d, decodes := step.Part.(preprocess.Decode); decodes && d.Orientation != "stored" {
			return fmt.Errorf("preprocess: decode.orientation %s turns images, and points are those of the stored ones", d.Orientation)
		}
		in := preprocess.Shape{Channels: 1, Height: 192, Width: 224}
		if out, err := step.Part.Shape(in); step.Name != "decode" && (err != nil || out != in) {
			return fmt.Errorf("preprocess: %s does not leave each pixel where it is; the net sees whole slices one by one, and pixels says how large", step.Name)
		}
	}
	_, err := c.input()
	return err
}

// input is how pixels enter the net.
func (c Config) input() (model.Input, error) {
	layout, err := preprocess.Describe(c.steps())
	if err != nil {
		return model.Default.Input, err
	}
	in, err := model.Default.Input.Follow(layout.Normalisation)
	if err != nil {
		err = fmt.Errorf("preprocess: %w", err)
	}
	return in, err
}

// steps are all that is done to a slice.
func (c Config) steps() preprocess.Config {
	resize := registry.One[preprocess.Step]{Name: "resize", Part: preprocess.Resize{Pixels: c.Pixels, By: "antialias", Aspect: "stretch"}}
	return append(append(preprocess.Config{}, c.Preprocess...), resize)
}

// Model is the net that the section makes.
func (c Config) Model() model.Config {
	m := model.Default
	m.Backbone = c.Backbone
	m.Input, _ = c.input() // Validate has seen it
	return m
}

// places is what the net learns.
func (c Config) places() train.Places {
	n := int64(c.Pixels)
	return train.Places{Grid: torch.Grid{Height: n, Width: n, Stride: stride}, Modes: modes}
}

// modes is how many places a net names in a slice: where a point of another level looks the
// same, the right one is the second or third.
const modes = 3

// training is how the net is trained; monitor is the number that chooses the weights.
func (c Config) training(compute model.Compute, monitor string) train.Config {
	t := train.Default
	t.Loss = registry.One[train.Loss]{Name: "places", Part: c.places()}
	t.Batch, t.Compute, t.Monitor = c.Batch, compute, monitor
	t.Optimizer = part(train.Optimizers, "adamw")
	phase := train.Phase{}.Defaults()
	phase.Name, phase.Train, phase.Epochs, phase.Rate = Name, []string{"all"}, c.Epochs, &c.Rate
	phase.Schedule = registry.One[train.Schedule]{Name: "cosine", Part: train.Cosine{Cycles: 1, Growth: 1, Pace: train.Pace{Per: "step", Warmup: 1, WarmupStart: 0.01}}}
	t.Phases = []train.Phase{phase}
	return t
}

// task is what the net answers.
func (c Config) task(asked stage.Questions) model.Task {
	_, task := c.Sees(asked.Count())
	return task
}

// BatchSize is how many slices make one optimizer step.
func (c Config) BatchSize() int { return train.Config{Batch: c.Batch}.BatchSize() }

// Name is that of the section, of its folder of checkpoints, and of the phase of its training.
const Name = "locate"
