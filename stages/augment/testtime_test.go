package augment

import (
	"errors"
	"math"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func testTime(t *testing.T, text string) TestTime {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	v := DefaultTestTime
	if err := registry.Decode(&n, "test", &v).Err(); err != nil {
		t.Fatal(err)
	}
	return v
}

// halves is a net whose logits are three times the mean of the left half and three
// times that of the right half: an anatomy with a side.
func halves(s *torch.Scope) func(torch.Tensor, bool) torch.Tensor {
	return func(x torch.Tensor, _ bool) torch.Tensor {
		shape := s.Describe(x).Shape
		var scores []torch.Tensor
		for _, box := range [][]float32{{0, 0, float32(shape[3]) / 2, 1e6}, {float32(shape[3]) / 2, 0, 1e6, 1e6}} {
			mask := s.Boxes(s.FromFloat32(box, 1, 1, 4), shape[2], shape[3])
			part := s.Where(mask, x, s.FromFloat32([]float32{0}, 1, 1, 1, 1))
			scores = append(scores, s.Reshape(s.Mul(s.ImageMeans(part), s.FromFloat32([]float32{6}, 1, 1, 1, 1)), shape[0], 1))
		}
		left := s.FromFloat32([]float32{1, 0}, 1, 2)
		right := s.FromFloat32([]float32{0, 1}, 1, 2)
		return s.Add(s.Mul(scores[0], left), s.Mul(scores[1], right))
	}
}

func softmax(a, b float64) float64 { return 1 / (1 + math.Exp(b-a)) }

// TestViews: the mirrored view of a net that tells sides apart says the same once
// its classes are swapped back, and the opposite without that.
func TestViews(t *testing.T) {
	image := []float32{0.8, 0.8, 0.2, 0.2, 0.8, 0.8, 0.2, 0.2}
	plain := softmax(3*0.8, 3*0.2)
	for _, c := range []struct {
		views  string
		mirror []int
		want   float64
	}{
		{"{}", []int{1, 0}, plain},
		{"{views: [flip]}", []int{1, 0}, plain},
		{"{views: [flip], average: logits}", []int{1, 0}, plain},
		{"{views: [flip]}", nil, 0.5},
		{"{views: [flip: {sides: keep}]}", []int{1, 0}, 0.5},
		{"{views: [flip: {axis: vertical}]}", []int{1, 0}, plain},
		{"{views: [flip, flip: {axis: vertical}, rotate: {degrees: 0}]}", nil, (3*plain + 1 - plain) / 4},
		{"{views: [shift: {x: 0.25}], average: logits}", nil, softmax((3*0.8+3*0.8)/2, (3*0.2+3*0.5)/2)},
	} {
		v := testTime(t, c.views)
		do(t, func(s *torch.Scope) {
			got := s.Float64s(v.Probabilities(s, s.FromFloat32(image, 1, 1, 2, 4), Swap{Answers: c.mirror}, Answers{Logits: halves(s)}))
			if !(math.Abs(got[0]-c.want) <= 1e-5) || !(math.Abs(got[0]+got[1]-1) <= 1e-6) {
				t.Errorf("%s, mirror %v: got %v, want %v", c.views, c.mirror, got, c.want)
			}
		})
	}
}

// TestMirroredChannels: a net that looks at the left view alone says the same of the
// mirrored image once the views of both sides have changed places.
func TestMirroredChannels(t *testing.T) {
	image := []float32{0.9, 0.1, 0.2, 0.3} // left and right view, two pixels each
	v := testTime(t, "{views: [flip]}")
	for _, c := range []struct {
		swap Swap
		want float64 // of the left, the mean over both
	}{
		{Swap{}, softmax(3, 0)}, // the left view, mirrored, looks the same to this net
		{Swap{Channels: []int{1, 0}}, (softmax(3, 0) + softmax(1.5, 0)) / 2},
		{Swap{Channels: []int{1, 0}, Answers: []int{1, 0}}, (softmax(3, 0) + 1 - softmax(1.5, 0)) / 2},
	} {
		do(t, func(s *torch.Scope) {
			got := s.Float64s(v.Probabilities(s, s.FromFloat32(image, 1, 2, 1, 2), c.swap, Answers{Logits: func(x torch.Tensor, _ bool) torch.Tensor {
				left := s.Reshape(s.Columns(x, []int{0}), 1, 2)
				return s.Mul(s.Add(left, s.Columns(left, []int{1, 0})), s.FromFloat32([]float32{3, 0}, 1, 2))
			}}))
			if !(math.Abs(got[0]-c.want) <= 1e-5) {
				t.Errorf("%+v: got %v, want %v", c.swap, got, c.want)
			}
		})
	}
}

// TestReversedSlices: a net that looks at the first slice alone sees the last one too; of
// colours nothing is turned.
func TestReversedSlices(t *testing.T) {
	image := []float32{0.9, 0.1, 0.2} // three slices of one pixel
	for slicesOf, want := range map[int]float64{3: (softmax(0.9, 0) + 1 - softmax(0.2, 0)) / 2, 1: softmax(0.9, 0)} {
		v := testTime(t, "{views: [reverse]}")
		do(t, func(s *torch.Scope) {
			got := s.Float64s(v.Probabilities(s, s.FromFloat32(image, 1, 3, 1, 1), Swap{Slices: slicesOf, Answers: []int{1, 0}}, Answers{Logits: func(x torch.Tensor, _ bool) torch.Tensor {
				return s.Mul(s.Reshape(s.Columns(x, []int{0, 0}), 1, 2), s.FromFloat32([]float32{1, 0}, 1, 2))
			}}))
			if !(math.Abs(got[0]-want) <= 1e-5) {
				t.Errorf("%d slices: got %v, want %v", slicesOf, got, want)
			}
		})
	}
}

func TestViewsCheckSides(t *testing.T) {
	axial := []string{"Axial T2"}
	for text, wrong := range map[string]bool{
		"{views: [flip]}": false, "{views: [rotate, zoom, shift]}": false,
		"{views: [reverse: {sides: keep}]}": false, "{views: [reverse]}": true,
		"{views: [flip: {sides: keep}]}": true, "{views: [zoom, flip: {axis: vertical}]}": true,
	} {
		if err := testTime(t, text).CheckSides(Names{Classes: []string{"left", "right"}}, axial); (err != nil) != wrong {
			t.Errorf("%s: got %v", text, err)
		}
	}
	for _, axis := range []string{"horizontal", "vertical"} { // a view has no chance to set to 0
		err := testTime(t, "{views: [flip: {axis: "+axis+"}]}").CheckSides(Names{Classes: []string{"left", "right"}}, []string{"Sagittal T1"})
		var fault stage.Fault
		if !errors.As(err, &fault) || !strings.Contains(fault.Hint, "leave the view out") || strings.Contains(fault.Hint, " to 0") {
			t.Errorf("%s: got %v, %q", axis, err, fault.Hint)
		}
	}
}
