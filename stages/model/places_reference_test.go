package model

import (
	"encoding/json"
	"math"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// placesWanted is how places.py stores what PyTorch computed: tensors as norm and probe.
type placesWanted struct {
	tight
	Eval, Train [2]float64
}

// TestPlacesAgreeWithPyTorch compares logits, gradients and batch-norm statistics with those of
// torchvision's backbones and its FeaturePyramidNetwork in float64 (testdata/places.py): one
// backbone with layers behind the average, and one whose maps have their channels last.
func TestPlacesAgreeWithPyTorch(t *testing.T) {
	t.Parallel()
	var all map[string]json.RawMessage // and torch, the version
	parity.Read(t, "testdata/places.json", &all)
	for _, name := range []string{"resnet18", "mobilenet_v3_large", "swin_t"} {
		var want placesWanted
		if err := json.Unmarshal(all[name], &want); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		backbone, _ := Backbones.Default(name)
		net := buildPlaces(t, plain(backbone.Part, name), preprocess.Shape{Channels: 3, Height: 64, Width: 96})
		if err := net.engine.Do(t.Context(), func(s *torch.Scope) error { return want.compare(t, s, net) }); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// buildPlaces is a net for two targets.
func buildPlaces(t *testing.T, cfg Config, shape preprocess.Shape) *Net {
	t.Helper()
	env := stage.Env{Recorder: stage.Discard, Device: "cpu", Threads: 2, Seed: 1}
	net, err := Build(t.Context(), env, cfg, shape, placesOf(shape, 2))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Close() })
	withoutDepth(net.body)
	return net
}

func (w placesWanted) compare(t *testing.T, s *torch.Scope, net *Net) error {
	t.Helper()
	for _, p := range net.Store.Parameters {
		s.Copy(p.Tensor, s.FromFloat32(fillWith(p.Name, p.Shape, w.Gain), p.Shape...))
	}
	x := s.FromFloat32(fill("input", []int64{2, 3, 64, 96}), 2, 3, 64, 96)
	s.NoGrad(func() { w.logits(t, s.Float64s(net.Forward(&torch.Pass{Scope: s}, x)), w.Eval) })
	logits := net.Forward(&torch.Pass{Scope: s, Train: true}, x)
	w.logits(t, s.Float64s(logits), w.Train)
	loss := s.CrossEntropy(s.Reshape(logits, 4, 385), s.FromInt64([]int64{0, 384, 100, 7}, 4), torch.Tensor{}, torch.ReduceMean, 0)
	near(t, "loss", s.Float64s(loss), []float64{w.Loss})
	s.Backward(loss)
	trained := 0
	for _, p := range net.Store.Parameters {
		if p.Buffer {
			w.check(t, p.Name, s.Float64s(p.Tensor), w.Buffers)
			continue
		}
		trained++
		w.check(t, p.Name, s.Float64s(s.Grad(p.Tensor)), w.Gradients)
	}
	if trained != len(w.Gradients) {
		t.Errorf("the net has %d parameters, the reference %d", trained, len(w.Gradients))
	}
	return s.Err()
}

// logits agree within 1e-4 of their size.
func (w placesWanted) logits(t *testing.T, got []float64, want [2]float64) {
	t.Helper()
	norm, probe := 0.0, 0.0
	for i, factor := range u("probe logits", len(got)) {
		norm, probe = norm+got[i]*got[i], probe+factor*got[i]
	}
	if norm = math.Sqrt(norm); !(math.Abs(norm-want[0]) <= 1e-4*want[0]) || !(math.Abs(probe-want[1]) <= 1e-4*want[0]) {
		t.Errorf("logits have norm %g and probe %g; PyTorch's have %v", norm, probe, want)
	}
}
