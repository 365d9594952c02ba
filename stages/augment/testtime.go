package augment

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

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

// Swap says what changes places in a mirrored image; nil where nothing does.
type Swap struct {
	Slices   int   // of each view, as in Batch
	Channels []int // which channel each one is
	Answers  []int // from which column of what is averaged each one comes
}

// Answers is how a net answers.
type Answers struct {
	// Logits gives logits_BO of images_BCHW, in which left and right are swapped or not.
	Logits func(images_BCHW torch.Tensor, mirrored bool) (logits_BO torch.Tensor)
	// Probabilities turns them into probabilities_BK; nil for their softmax.
	Probabilities func(s *torch.Scope, logits_BO torch.Tensor) torch.Tensor
}

func (a Answers) probabilities(s *torch.Scope, logits_BO torch.Tensor) torch.Tensor {
	if a.Probabilities == nil {
		return s.Softmax(logits_BO)
	}
	return a.Probabilities(s, logits_BO)
}

// Probabilities gives probabilities_BK: the mean over the image and its views of
// what the net says of each. Where a view is mirrored, left and right are swapped.
func (t TestTime) Probabilities(s *torch.Scope, images_BCHW torch.Tensor, swap Swap, net Answers) torch.Tensor {
	sum := t.scores(s, images_BCHW, false, net)
	shape := s.Describe(images_BCHW).Shape
	if s.Err() != nil {
		return torch.Tensor{}
	}
	size := Size{Height: float64(shape[2]), Width: float64(shape[3])}
	for _, view := range t.Views {
		seen, mirrored := swap.see(s, images_BCHW, view.Part, size)
		if mirrored && swap.Channels != nil {
			seen = s.Columns(seen, swap.Channels)
		}
		scores := t.scores(s, seen, mirrored, net)
		if mirrored && swap.Answers != nil {
			scores = s.Columns(scores, swap.Answers)
		}
		sum = s.Add(sum, scores)
	}
	if len(t.Views) > 0 {
		sum = s.Mul(sum, s.FromFloat32([]float32{1 / float32(1+len(t.Views))}, 1, 1))
	}
	if t.Average == "logits" {
		return net.probabilities(s, sum)
	}
	return sum
}

// see gives the views_BCHW, and whether left and right are swapped in them.
func (w Swap) see(s *torch.Scope, images_BCHW torch.Tensor, view View, size Size) (seen torch.Tensor, mirrored bool) {
	if _, turns := view.(ReverseView); !turns {
		return show(s, images_BCHW, view.Matrix(size), size), swaps(view)
	}
	if w.Slices < 2 {
		return images_BCHW, false
	}
	return reversed(s, images_BCHW, w.Slices), swaps(view)
}

// String says in words what is averaged; "" when the image is shown as it is.
func (t TestTime) String() string {
	if len(t.Views) == 0 {
		return ""
	}
	var words []string
	for _, view := range t.Views {
		text, err := yaml.Marshal(registry.Encode(view.Part))
		line := strings.Join(strings.Split(strings.TrimSpace(string(text)), "\n"), ", ")
		if err != nil {
			line = err.Error() // cannot happen: Encode gives plain nodes
		}
		words = append(words, fmt.Sprintf("%s (%s)", view.Name, line))
	}
	return fmt.Sprintf("the mean of the %s of the image and %d of its views: %s", t.Average, len(words), strings.Join(words, "; "))
}

// Swaps says whether some view swaps the classes of left and right back.
func (t TestTime) Swaps() bool {
	return slices.ContainsFunc(t.Views, func(view registry.One[View]) bool { return swaps(view.Part) })
}

// swaps says whether a view swaps the patient's left and right.
func swaps(view View) bool {
	part, ok := view.(interface{ swaps() bool })
	return ok && part.swaps()
}

// CheckSides refuses views that would give classes or targets of left and right the wrong
// numbers; see Config.CheckSides.
func (t TestTime) CheckSides(names Names, planes []string) error {
	for _, view := range t.Views {
		if part, ok := view.Part.(interface {
			check(names Names, planes []string) error
		}); ok {
			if err := part.check(names, planes); err != nil {
				return fmt.Errorf("test-time augmentation: %w", err)
			}
		}
	}
	return nil
}

func (t TestTime) scores(s *torch.Scope, images_BCHW torch.Tensor, mirrored bool, net Answers) torch.Tensor {
	logits_BO := net.Logits(images_BCHW, mirrored)
	if t.Average == "logits" {
		return logits_BO
	}
	return net.probabilities(s, logits_BO)
}

// show gives the views_BCHW of images; outside an image lies its nearest pixel.
func show(s *torch.Scope, images_BCHW torch.Tensor, m Matrix, size Size) torch.Tensor {
	return s.Inner(func(s *torch.Scope) torch.Tensor {
		places := s.Untraced(func() torch.Tensor {
			return s.Project(torch.Tensor{}, upload(s, []Matrix{m}), int64(size.Height), int64(size.Width))
		})
		places = s.EachOf(places, images_BCHW)
		return s.SampleAt(images_BCHW, places, torch.Bilinear, torch.Outside{Border: torch.BorderNearest})
	})
}
