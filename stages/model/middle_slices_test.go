package model

import (
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestMiddleSlices are those of each view, and of these the middle in the plane.
func TestMiddleSlices(t *testing.T) {
	t.Parallel()
	onCPU(t, func(s *torch.Scope) {
		var pixels []float32
		for i := range 2 * 10 * 3 * 3 {
			pixels = append(pixels, float32(i))
		}
		images_BCHW := s.FromFloat32(pixels, 2, 10, 3, 3)
		for _, c := range []struct {
			input Input
			held  int
			want  []int // channels, of both images
		}{
			{Input{MiddleSlices: 3}, 5, []int{1, 2, 3, 6, 7, 8}},
			{Input{MiddleSlices: 4}, 10, []int{3, 4, 5, 6}},
			{Input{MiddleSlices: 5}, 5, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
			{Input{}, 5, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
			{Input{MiddleSlices: 1, CenterCrop: 1}, 5, []int{2, 7}},
		} {
			got := c.input.Crop(s, images_BCHW, c.held)
			if want := c.input.Seen(preprocess.Shape{Channels: 10, Height: 3, Width: 3}, c.held); !slices.Equal(s.Describe(got).Shape, []int64{2, int64(want.Channels), int64(want.Height), int64(want.Width)}) {
				t.Errorf("%+v: shape %v, want %+v", c.input, s.Describe(got).Shape, want)
			}
			var want []float64
			for b := range 2 {
				for _, channel := range c.want {
					for place := range 9 {
						if c.input.CenterCrop == 0 || place == 4 {
							want = append(want, float64((b*10+channel)*9+place))
						}
					}
				}
			}
			if !slices.Equal(s.Float64s(got), want) {
				t.Errorf("%+v of %d: got %v, want %v", c.input, c.held, s.Float64s(got), want)
			}
		}
	})
}

// TestNetsSeeTheMiddleSlices: nets that take slices as channels, one by one, with their neighbours
// and as a volume answer as those for the middle alone, in training and otherwise, and are as large.
func TestNetsSeeTheMiddleSlices(t *testing.T) {
	t.Parallel()
	channels := plain(ConvNet{Widths: []int{4, 6}}, "convnet")
	channels.Input = Input{Channels: 3, Mean: []float64{0.3}, Std: []float64{0.25}, TrainScale: 1}
	alone := channels
	alone.Input.Channels, alone.SliceChannels = 1, 1
	alone.Slices = &registry.One[Pooling]{Name: "lstm", Part: pools["lstm"]}
	beside := alone
	beside.Input.Channels, beside.SliceChannels = 3, 3
	volume := plain(MC318{}, "mc3_18")
	volume.Input = Input{Channels: 1, Mean: []float64{0.3}, Std: []float64{0.25}, TrainScale: 1}
	for name, c := range map[string]struct {
		cfg         Config
		views, rows int // of a sample, and that go through the backbone one by one
	}{
		"channels": {channels, 1, 1}, "channels of shared views": {channels, 2, 2}, "one by one": {alone, 1, 3},
		"one by one in two stacks": {alone, 2, 6}, "with neighbours": {beside, 1, 3}, "with neighbours in two stacks": {beside, 2, 6}, "volume": {volume, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkMiddleSlices(t, c.cfg, c.views, c.rows)
		})
	}
}

// checkMiddleSlices holds a net of five slices, of which it sees three, against one of three.
func checkMiddleSlices(t *testing.T, cfg Config, views, rows int) {
	t.Helper()
	const held, seen, side = 5, 3, 16
	task := Single(3)
	if cfg.Slices != nil {
		task.Slices, task.Stacks = rows, views
	} else {
		task.Views = rows
	}
	task.Held = seen
	small, shape := buildAt(t, cfg, preprocess.Shape{Channels: views * seen, Height: side, Width: side}, task)
	task.Held, cfg.Input.MiddleSlices = held, seen
	large, whole := buildAt(t, cfg, preprocess.Shape{Channels: views * held, Height: side, Width: side}, task)
	if shape.Activations != whole.Activations || !slices.Equal(shape.Outputs, whole.Outputs) {
		t.Errorf("%d activations, want %d; outputs %v, want %v", whole.Activations, shape.Activations, whole.Outputs, shape.Outputs)
	}
	pixels := fill("input", []int64{2, int64(views * held), side, side})
	answers := func(n *Net, train, middle bool) (out []float64) {
		if err := n.Engine().Do(t.Context(), func(s *torch.Scope) error {
			x := s.FromFloat32(pixels, 2, int64(views*held), side, side)
			if middle {
				var at []int
				for v := range views {
					at = append(at, v*held+1, v*held+2, v*held+3)
				}
				x = s.Columns(x, at)
			}
			out = s.Float64s(n.Forward(&torch.Pass{Scope: s, Train: train}, x))
			return s.Err()
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, train := range []bool{false, true} {
		if got, want := answers(large, train, false), answers(small, train, true); !slices.Equal(got, want) || len(got) != 6 {
			t.Errorf("training %v: got %v, want %v", train, got, want)
		}
	}
}

func buildAt(t *testing.T, cfg Config, shape preprocess.Shape, task Task) (*Net, Size) {
	t.Helper()
	net, err := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu", Threads: 1, Seed: 1}, cfg, shape, task)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Close() })
	size, err := Measure(t.Context(), stage.Env{}, cfg, shape, task)
	if err != nil {
		t.Fatal(err)
	}
	return net, size
}

// TestSlicesThatHaveNoMiddle are refused before a net is built or measured.
func TestSlicesThatHaveNoMiddle(t *testing.T) {
	t.Parallel()
	cfg := plain(ConvNet{Widths: []int{4}}, "convnet")
	cfg.Input = Input{Channels: 3, Mean: []float64{0.3}, Std: []float64{0.25}, MiddleSlices: 3}
	for held, want := range map[int]string{1: "an image is one slice", 2: "a stack has 2 slices, and no middle 3", 4: "no 3 of 4 slices are the middle", 3: "", 7: ""} {
		task := Single(2)
		task.Held = held
		shape := preprocess.Shape{Channels: held, Height: 8, Width: 8}
		_, err := Measure(t.Context(), stage.Env{}, cfg, shape, task)
		net, second := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu"}, cfg, shape, task)
		if second == nil {
			net.Close()
		}
		for _, err := range []error{err, second} {
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("of %d: got %v, want %q", held, err, want)
			}
		}
	}
}
