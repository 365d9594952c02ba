package train

import (
	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
)

// Shapes: B images, Q targets, O outputs and K classes of each, N rows of a batch.

// rowsOf takes what the net says of each row from what it says of the images: rows_NO of
// answers_B(QO).
func rowsOf(s *torch.Scope, answers_BQO torch.Tensor, rows []row, targets int) torch.Tensor {
	if targets == 1 {
		return answers_BQO
	}
	places := make([]int, len(rows))
	for i, r := range rows {
		places[i] = r.image*targets + r.target
	}
	return s.Rows(perTarget(s, answers_BQO, targets), places)
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

// targetCount is how many answers the net gives of an image.
func (t *trainer) targetCount() int { return max(1, len(t.images.Targets)) }

// Answers turns the outputs of a net that answers so many targets into probabilities_B(QK),
// those of one target of an image beside those of the next.
func (c Config) Answers(targets int) func(s *torch.Scope, logits_BQO torch.Tensor) torch.Tensor {
	if targets == 1 {
		return c.Probabilities
	}
	return func(s *torch.Scope, logits_BQO torch.Tensor) torch.Tensor {
		p := c.Probabilities(s, perTarget(s, logits_BQO, targets))
		shape := s.Describe(p).Shape
		if s.Err() != nil {
			return torch.Tensor{}
		}
		return s.Reshape(p, shape[0]/int64(targets), shape[1]*int64(targets))
	}
}

// answering is what must be known of a net's answers to ask it in views.
type answering struct {
	sides            augment.Sides
	channels         []int // see channelsOf
	targets, classes int
	slices           int // of a view, see augment.Swap
}

// Logits gives logits_B(QO) of images, in which left and right are swapped or not.
type Logits func(images_BCHW torch.Tensor, mirrored bool) torch.Tensor

func (c Config) inViews(s *torch.Scope, images_BCHW torch.Tensor, a answering, logits Logits) torch.Tensor {
	each := a.classes
	if c.TestTime.Average == "logits" {
		each = c.outputs(each)
	}
	swap := augment.Swap{Channels: a.channels, Slices: a.slices, Answers: columns(a.sides, a.targets, each)}
	return c.TestTime.Probabilities(s, images_BCHW, swap, augment.Answers{Logits: logits, Probabilities: c.Answers(a.targets)})
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
	a := answering{sides: sides, channels: channelsOf(about.Names, int(shape[1]), sides), targets: max(1, len(about.Targets)), classes: len(about.Classes), slices: about.Slices}
	return c.inViews(s, images_BCHW, a, logits)
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
