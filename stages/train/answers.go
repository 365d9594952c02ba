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
