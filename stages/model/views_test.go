package model

import (
	"slices"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestSharedViews: a net of shared views has the weights of one backbone, and a head that
// sees the features of each view, as the backbone alone gives them; features of its first
// layers go on to the same outputs.
func TestSharedViews(t *testing.T) {
	t.Parallel()
	const views, side = 3, 8
	cfg := Config{Backbone: registry.One[Backbone]{Name: "convnet", Part: ConvNet{Widths: []int{4, 5}}}, Views: "shared", Input: Input{Channels: 3, Mean: []float64{0.4}, Std: []float64{0.2}}}
	env := stage.Env{Recorder: stage.Discard, Device: "cpu", Threads: 1, Seed: 3}
	task := Task{Views: views, Targets: 2, Each: 3}
	net, err := Build(t.Context(), env, cfg, preprocess.Shape{Channels: views, Height: side, Width: side}, task)
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	if fc, _ := net.Store.Get("fc.weight"); !slices.Equal(fc.Shape, []int64{6, views * 5}) {
		t.Errorf("the last layer is %v, want 6 outputs of the features of three views", fc.Shape)
	}
	pixels := make([]float32, 2*views*side*side)
	for i := range pixels {
		pixels[i] = float32(stage.Hash(1, "pixel", i)%1000) / 1000
	}
	if err := net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		s.NoGrad(func() {
			p := &torch.Pass{Scope: s}
			images_BCHW := s.FromFloat32(pixels, 2, views, side, side)
			want := s.Float64s(net.Forward(p, images_BCHW))
			checkViewsApart(t, net, p, images_BCHW)
			for layers := range len(net.body) + 1 {
				features_B := net.Features(p, images_BCHW, layers)
				if layers == 0 {
					continue // no layer: the pass enters anew
				}
				if shape := s.Describe(features_B).Shape; shape[0] != 2 {
					t.Errorf("features of %d layers are %v, want a row for each of two samples", layers, shape)
				}
				if got := s.Float64s(net.FromFeatures(p, features_B, layers)); !slices.Equal(got, want) {
					t.Errorf("from %d layers on: %v, want %v", layers, got, want)
				}
			}
		})
		return s.Err()
	}); err != nil {
		t.Fatal(err)
	}
	size, err := Measure(t.Context(), stage.Env{}, cfg, preprocess.Shape{Channels: views, Height: side, Width: side}, task)
	if err != nil {
		t.Fatal(err)
	}
	if outline := Sketch(cfg, task); len(size.Outputs) != len(net.body) || len(outline.net.body) != len(net.body) || size.Outputs[0] != views*4*side*side/4 && size.Outputs[0] != views*4*side*side {
		t.Errorf("%d layers were measured and %d outlined, of %d; the first gives %d numbers", len(size.Outputs), len(outline.net.body), len(net.body), size.Outputs[0])
	}
}

// checkViewsApart asks the backbone about each view alone.
func checkViewsApart(t *testing.T, net *Net, p *torch.Pass, images_BCHW torch.Tensor) {
	t.Helper()
	at := slices.IndexFunc(net.body, func(m torch.Module) bool { _, ok := m.(joined); return ok })
	features_BF := p.Float64s(net.Features(p, images_BCHW, at+1))
	for view := range 3 {
		alone := *net
		alone.Task.Views = 1
		one := p.Float64s(alone.through(p, alone.body[:at], alone.enter(p, p.Columns(images_BCHW, []int{view}))))
		for b := range 2 {
			for f := range 5 {
				if got, want := features_BF[b*15+view*5+f], one[b*5+f]; got-want > 1e-6 || want-got > 1e-6 {
					t.Errorf("sample %d, view %d, feature %d: %v, want %v", b, view, f, got, want)
				}
			}
		}
	}
}
