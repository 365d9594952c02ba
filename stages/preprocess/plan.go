package preprocess

import (
	"errors"
	"fmt"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Layout is what the steps of an experiment lead to.
type Layout struct {
	// Shape is that of a picture; see In.
	Shape Shape
	// Slices is how many slices a picture's channels are; 1 where they are colours, or one
	// slice.
	Slices int
	// BytesPerPixel is how images are stored: unsigned numbers of 1 or 2 bytes,
	// of which the largest stands for 1.
	BytesPerPixel int
	// Normalisation is what the steps say of how pixels enter the net; nil when
	// they leave it to model.input.
	Normalisation *Normalisation
}

// In gives the layout of images that have so many views as channels.
func (l Layout) In(views int) Layout {
	l.Shape = l.Shape.in(views)
	return l
}

// in has the channels of so many views, of which none is one.
func (s Shape) in(views int) Shape {
	s.Channels *= max(1, views)
	return s
}

// bytes is the size of a picture.
func (l Layout) bytes() int {
	return l.Shape.Channels * l.Shape.Height * l.Shape.Width * l.BytesPerPixel
}

// full is the number that stands for 1.
func (l Layout) full() float32 { return float32(uint(1)<<(8*l.BytesPerPixel) - 1) }

// SlicesOf is how many slices a picture's channels are; 1 where no step stacks any.
func SlicesOf(cfg Config) int {
	for _, step := range flat(cfg) {
		if stack, ok := step.Part.(Stack); ok {
			return stack.Slices
		}
	}
	return 1
}

// StacksSeries says whether a picture's channels are slices of all of a series, beside which there
// are no others.
func StacksSeries(cfg Config) bool {
	return slices.ContainsFunc(flat(cfg), func(step registry.One[Step]) bool {
		stack, ok := step.Part.(Stack)
		return ok && stack.Reach == "series"
	})
}

// InColour says whether pictures have red, green and blue.
func InColour(cfg Config) bool {
	return slices.ContainsFunc(flat(cfg), func(step registry.One[Step]) bool {
		decode, ok := step.Part.(Decode)
		return ok && decode.Colour == "rgb"
	})
}

// flat has the branches of a step in its place.
func flat(cfg Config) (out Config) {
	for _, step := range cfg {
		if v, ok := step.Part.(ByView); ok {
			out = append(out, v.branches()...)
		} else {
			out = append(out, step)
		}
	}
	return out
}

// Describe says what the steps lead to without reading any image, and refuses
// steps that do not fit one another.
func Describe(cfg Config) (Layout, error) {
	l := Layout{BytesPerPixel: 2, Slices: SlicesOf(cfg)}
	if len(cfg) == 0 || cfg[0].Name != "decode" {
		return l, stage.Wrong{Path: "preprocess.0", Err: stage.Fault{Err: errors.New("the first step must be decode"), Hint: "begin the list with - decode"}}
	}
	values := Modality
	for i, step := range cfg {
		if i > 0 && step.Name == "decode" {
			return l, stage.Wrong{Path: fmt.Sprintf("preprocess.%d", i), Err: stage.Fault{Err: errors.New("an image is decoded once only"), Hint: "remove this step"}}
		}
		var err error
		if l.Shape, err = step.Part.Shape(l.Shape); err == nil {
			values, err = l.scaled(step.Part, values)
		}
		if err != nil {
			return l, stage.Wrong{Path: fmt.Sprintf("preprocess.%d.%s", i, step.Name), Err: err}
		}
	}
	if _, rounded := cfg[len(cfg)-1].Part.(Uint8); rounded {
		l.BytesPerPixel = 1
	}
	return l, l.check(values)
}

func (l Layout) check(values Values) error {
	if l.Shape.Height == 0 || l.Shape.Width == 0 {
		return stage.Wrong{Path: "preprocess", Err: stage.Fault{Err: errors.New("the images would leave with different sizes"), Hint: "end the list with - resize: {pixels: 224}"}}
	}
	if values != Unit {
		return stage.Wrong{Path: "preprocess", Err: stage.Fault{Err: fmt.Errorf("the images would leave with %s, and are stored as %s", values, Unit),
			Hint: "add - window after decode, which takes percentiles 1 and 99 of the series as 0 and 1; or - window: {by: range, range: [0, 255]} for pictures of 8 bits"}}
	}
	return nil
}

// scaled says what values a step leaves, and keeps what it says of the net.
func (l *Layout) scaled(step Step, in Values) (Values, error) {
	if n, ok := step.(Normaliser); ok {
		if l.Normalisation != nil {
			return in, errors.New("pixels are normalised once only; remove this step")
		}
		said := n.Normalisation()
		l.Normalisation = &said
	} else if _, rounds := step.(Uint8); l.Normalisation != nil && !rounds {
		if scales(step) {
			return in, errors.New("normalise comes after every step that changes values; move this step before it")
		}
	}
	if s, ok := step.(Scaler); ok {
		return s.Values(in)
	}
	return in, nil
}

// scales says whether a step, or a branch of it, changes what values mean.
func scales(step Step) bool {
	if v, ok := step.(ByView); ok {
		return slices.ContainsFunc(v.branches(), func(b registry.One[Step]) bool { return scales(b.Part) })
	}
	_, ok := step.(Scaler)
	return ok
}

// needs is what a step needs by its settings.
func needs(step Step) Needs {
	if n, ok := step.(Needer); ok {
		return n.Needs()
	}
	return Needs{}
}

// Idle names settings that have no effect, or one that is known for a mistake.
// Paths begin below preprocess.
func Idle(cfg Config) (out []registry.FieldProblem) {
	stacked := false
	for i := len(cfg) - 1; i >= 0; i-- {
		switch part := cfg[i].Part.(type) {
		case Stack, ByView:
			stacked = stacked || SlicesOf(cfg[i:i+1]) > 1
		case SliceOrder:
			if !stacked {
				out = append(out, registry.FieldProblem{Path: fmt.Sprintf("%d.order", i), Text: "has no effect: no stack follows", Hint: "remove the step, or add - stack after it"})
			}
		case Normalise:
			if part.TrainScale != 1 {
				out = append(out, registry.FieldProblem{
					Path: fmt.Sprintf("%d.normalise.train_scale", i),
					Text: fmt.Sprintf("%g shows the net other images in training than in validation", part.TrainScale),
					Hint: "write 1, unless a known mistake is to be repeated",
				})
			}
		}
	}
	return out
}
