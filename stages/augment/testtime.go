package augment

import (
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// View shows an image in another fixed way, for predictions.
type View interface {
	// Matrix maps places of the view to places in the image.
	Matrix(size Size) Matrix
}

// Views are the parts of test-time augmentation.
var Views = registry.New[View]("view")

// TestTime says in which views an image is shown to the net for a prediction. The
// zero value shows the image as it is.
type TestTime struct {
	Views   []registry.One[View] `help:"what the net sees besides the image as it is"`
	Average string               `help:"what is averaged over the views: probabilities or logits" oneof:"probabilities logits"`
}

// DefaultTestTime shows the image as it is.
var DefaultTestTime = TestTime{Average: "probabilities"}

// Probabilities gives probabilities_BK: the mean over the image and its views of
// what forward says of each (logits_BK of images_BCHW). Where a view is mirrored,
// the classes of left and right are swapped back by mirror (see Mirror).
func (t TestTime) Probabilities(s *torch.Scope, images_BCHW torch.Tensor, mirror []int, forward func(torch.Tensor) torch.Tensor) torch.Tensor {
	if len(t.Views) == 0 {
		return s.Softmax(forward(images_BCHW))
	}
	sum := t.scores(s, forward(images_BCHW))
	shape := s.Describe(images_BCHW).Shape
	if s.Err() != nil {
		return torch.Tensor{}
	}
	size := Size{Height: float64(shape[2]), Width: float64(shape[3])}
	for _, view := range t.Views {
		scores := t.scores(s, forward(show(s, images_BCHW, view.Part.Matrix(size), size)))
		if flip, ok := view.Part.(FlipView); ok && flip.swaps() && mirror != nil {
			scores = s.Columns(scores, mirror)
		}
		sum = s.Add(sum, scores)
	}
	mean := s.Mul(sum, s.FromFloat32([]float32{1 / float32(1+len(t.Views))}, 1, 1))
	if t.Average == "logits" {
		return s.Softmax(mean)
	}
	return mean
}

// CheckSides refuses views that would give classes of left and right the wrong
// numbers; see Config.CheckSides.
func (t TestTime) CheckSides(classes, planes []string) error {
	for _, view := range t.Views {
		if flip, ok := view.Part.(FlipView); ok {
			if err := flip.check(classes, planes); err != nil {
				return fmt.Errorf("test-time augmentation: %w", err)
			}
		}
	}
	return nil
}

func (t TestTime) scores(s *torch.Scope, logits_BK torch.Tensor) torch.Tensor {
	if t.Average == "logits" {
		return logits_BK
	}
	return s.Softmax(logits_BK)
}

// show gives the views_BCHW of images; outside an image lies its nearest pixel.
func show(s *torch.Scope, images_BCHW torch.Tensor, m Matrix, size Size) torch.Tensor {
	n := s.Describe(images_BCHW).Shape[0]
	return s.Inner(func(s *torch.Scope) torch.Tensor {
		height, width := int64(size.Height), int64(size.Width)
		places := s.Project(torch.Tensor{}, upload(s, []Matrix{m}), height, width)
		places = s.Expand(places, n, height, width, 2)
		return s.SampleAt(images_BCHW, places, torch.Bilinear, torch.Outside{Border: torch.BorderNearest})
	})
}
