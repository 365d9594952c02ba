package train

import (
	"slices"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// Shapes: B images, Q targets, O outputs and K classes of each, N rows of a batch. Where
// targets have classes of their own, O differs between them: ΣO are all outputs.

// rowsOf takes what the net says of each row from what it says of the images: rows_NO of
// answers_B(QO). The rows are of targets that have the same classes.
func (c Config) rowsOf(s *torch.Scope, answers_BQO torch.Tensor, rows []row, asked stage.Questions) torch.Tensor {
	if asked.Count() == 1 {
		return answers_BQO
	}
	var places []int
	if asked.Among == nil {
		for _, r := range rows {
			places = append(places, r.image*asked.Count()+r.target)
		}
		return s.Rows(perTarget(s, answers_BQO, asked.Count()), places)
	}
	starts := c.starts(asked)
	all, each := starts[asked.Count()], starts[rows[0].target+1]-starts[rows[0].target]
	for _, r := range rows {
		for o := range each {
			places = append(places, r.image*all+starts[r.target]+o)
		}
	}
	return s.Reshape(s.Rows(s.Reshape(answers_BQO, -1, 1), places), int64(len(rows)), int64(each))
}

// starts is the first output of each target, and behind them how many there are.
func (c Config) starts(asked stage.Questions) []int {
	out := []int{0}
	for target, each := range c.Task(asked).Outputs() {
		out = append(out, out[target]+each)
	}
	return out
}

// perTarget makes (B·Q, O) of (B, Q·O).
func perTarget(s *torch.Scope, x torch.Tensor, targets int) torch.Tensor {
	if targets == 1 {
		return x
	}
	shape := s.Describe(x).Shape
	if s.Err() != nil {
		return torch.Tensor{}
	}
	return s.Reshape(x, shape[0]*int64(targets), shape[1]/int64(targets))
}

// Answers turns the outputs of a net that is asked these questions into probabilities_B(QK),
// those of one target of an image beside those of the next. Classes that are none of a
// target's have 0.
func (c Config) Answers(asked stage.Questions) func(s *torch.Scope, logits_BQO torch.Tensor) torch.Tensor {
	switch targets := asked.Count(); {
	case asked.Among != nil:
		return func(s *torch.Scope, logits_BQO torch.Tensor) torch.Tensor {
			return c.spread(s, logits_BQO, asked, c.Probabilities)
		}
	case targets == 1:
		return c.Probabilities
	default:
		return func(s *torch.Scope, logits_BQO torch.Tensor) torch.Tensor {
			p := c.Probabilities(s, perTarget(s, logits_BQO, targets))
			shape := s.Describe(p).Shape
			if s.Err() != nil {
				return torch.Tensor{}
			}
			return s.Reshape(p, shape[0]/int64(targets), shape[1]*int64(targets))
		}
	}
}

// Scores gives each class of each target a number that grows with its probability,
// scores_B(QK): the outputs where they are about classes, else the probabilities.
func (c Config) Scores(asked stage.Questions) func(s *torch.Scope, logits_BQO torch.Tensor) torch.Tensor {
	as := func(_ *torch.Scope, logits_NO torch.Tensor) torch.Tensor { return logits_NO }
	switch {
	case !c.saysClasses():
		return c.Answers(asked)
	case asked.Among == nil:
		return as
	}
	return func(s *torch.Scope, logits_BQO torch.Tensor) torch.Tensor { return c.spread(s, logits_BQO, asked, as) }
}

// spread makes numbers for the classes of each kind of target of its outputs, and puts them
// where the class stands among all: (B, Q·K) of logits_B(ΣO).
func (c Config) spread(s *torch.Scope, logits_BQO torch.Tensor, asked stage.Questions, of func(s *torch.Scope, logits_NO torch.Tensor) torch.Tensor) torch.Tensor {
	starts, k := c.starts(asked), len(asked.Classes)
	places := make([]int, asked.Count()*k) // in all: of a class that is none of the target's the first, a 0
	var all torch.Tensor
	next := 1
	for _, kind := range asked.Kinds() {
		var outputs []int
		for _, target := range kind.Targets {
			outputs = append(outputs, between(starts[target], starts[target+1])...)
			for i, class := range kind.Among {
				places[target*k+class] = next + i
			}
			next += len(kind.Among)
		}
		each := len(outputs) / len(kind.Targets)
		said := of(s, s.Reshape(s.Columns(logits_BQO, outputs), -1, int64(each)))
		said = s.Reshape(said, -1, int64(len(kind.Targets)*len(kind.Among)))
		if !all.Valid() {
			all = s.Clamp(s.Narrow(said, 1, 0, 1), 0, 0)
		}
		all = s.Stack(all, said)
	}
	return s.Columns(all, places)
}

// answering is what must be known of a net's answers to ask it in views.
type answering struct {
	stage.Questions
	sides    augment.Sides
	channels []int // see channelsOf
	slices   int   // of a view, see augment.Swap
}

// Logits gives logits_B(QO) of images, in which left and right are swapped or not.
type Logits func(images_BCHW torch.Tensor, mirrored bool) torch.Tensor

func (c Config) inViews(s *torch.Scope, images_BCHW torch.Tensor, a answering, logits Logits) torch.Tensor {
	swap := augment.Swap{Channels: a.channels, Slices: a.slices, Answers: columns(a.sides, a.Count(), len(a.Classes))}
	if c.TestTime.Average == "logits" {
		swap.Answers = c.swappedOutputs(a.Questions, a.sides)
	}
	return c.TestTime.Probabilities(s, images_BCHW, swap, augment.Answers{Logits: logits, Probabilities: c.Answers(a.Questions)})
}

// Asked is what a net is asked about images of so many slices of each view.
type Asked struct {
	augment.Names
	Slices int
}

// InViews gives the probabilities_B(QK) that predictions are made of: the mean over the
// images and their views of test-time augmentation.
func (c Config) InViews(s *torch.Scope, images_BCHW torch.Tensor, about Asked, logits Logits) torch.Tensor {
	shape := s.Describe(images_BCHW).Shape
	if s.Err() != nil {
		return torch.Tensor{}
	}
	sides, _ := about.Sides() // no flip needs them where there are none
	return c.inViews(s, images_BCHW, answering{about.Questions(), sides, channelsOf(about.Names, int(shape[1]), sides), about.Slices}, logits)
}

// columns says from which column of a mirrored image's answers each one comes: there are
// so many of each target. nil where nothing has a side.
func columns(sides augment.Sides, targets, each int) (out []int) {
	if sides.Classes == nil && sides.Targets == nil {
		return nil
	}
	for target := range targets {
		from := target
		if sides.Targets != nil {
			from = sides.Targets[target]
		}
		for i := range each {
			at := i
			if sides.Classes != nil && i < len(sides.Classes) {
				at = sides.Classes[i]
			}
			out = append(out, from*each+at)
		}
	}
	return out
}

// swappedOutputs is columns of the net's outputs.
func (c Config) swappedOutputs(asked stage.Questions, sides augment.Sides) (out []int) {
	if asked.Among == nil || sides.Classes == nil && sides.Targets == nil {
		return columns(sides, asked.Count(), c.outputs(len(asked.Classes)))
	}
	starts := c.starts(asked)
	for target := range asked.Targets {
		from := target
		if sides.Targets != nil {
			from = sides.Targets[target]
		}
		for i := range starts[target+1] - starts[target] {
			if sides.Classes != nil { // outputs are classes: see Fits
				i = slices.Index(asked.Of(from), sides.Classes[asked.Of(target)[i]])
			}
			out = append(out, starts[from]+i)
		}
	}
	return out
}
