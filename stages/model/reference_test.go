package model

import (
	"context"
	"math"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// markOf is how make_reference.py stores a tensor.
type markOf struct {
	Norm, Probe float64
	First       []float64
}

type reference struct {
	EvalLogits  [][]float64       `json:"eval_logits"`
	TrainLogits [][]float64       `json:"train_logits"`
	Loss        float64           `json:"loss"`
	Gradients   map[string]markOf `json:"gradients"`
	Updated     map[string]markOf `json:"updated"`
	Buffers     map[string]markOf `json:"buffers"`
}

// u is the rule of make_reference.py.
func u(name string, n int) []float64 { return parity.Uniform(name, n) }

func fill(name string, shape []int64) []float32 { return fillWith(name, shape, 6) }

func fillWith(name string, shape []int64, gain float64) []float32 {
	return parity.Fill(name, shape, gain)
}

func build(t *testing.T, cfg Config) *Net {
	t.Helper()
	return builtWith(t, "cpu", cfg, 1)
}

// builtWith is a net for images of so many channels and of sideFor, and three classes.
func builtWith(t *testing.T, device string, cfg Config, channels int) *Net {
	t.Helper()
	side := int(sideFor(cfg.Backbone.Part))
	env := stage.Env{Recorder: stage.Discard, Device: device, Threads: 2, Seed: 1}
	net, err := Build(t.Context(), env, cfg, preprocess.Shape{Channels: channels, Height: side, Width: side}, Single(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := net.Close(); err != nil {
			t.Error(err)
		}
	})
	return net
}

// sideFor are 64 pixels, or as near to it as a backbone takes.
func sideFor(backbone Backbone) int64 {
	if _, of14 := backbone.(interface{ net() dinov2 }); of14 {
		return 56
	}
	return 64
}

func plain(backbone Backbone, name string) Config {
	return Config{Backbone: registry.One[Backbone]{Name: name, Part: backbone}, Input: Input{Channels: InputOf(backbone).Channels, Mean: []float64{0}, Std: []float64{1}}}
}

// TestPyTorchAgrees compares logits, gradients, batch-norm statistics and one
// step of Adam with PyTorch's, within 1e-4 of the tensor's size.
func TestPyTorchAgrees(t *testing.T) {
	var all struct{ ResNet18, ResNet50 reference }
	parity.Read(t, "testdata/reference.json", &all)
	t.Run("resnet18", func(t *testing.T) { compare(t, plain(ResNet18{}, "resnet18"), all.ResNet18) })
	t.Run("resnet50", func(t *testing.T) { compare(t, plain(ResNet50{}, "resnet50"), all.ResNet50) })
}

func compare(t *testing.T, cfg Config, want reference) {
	net := build(t, cfg)
	err := net.engine.Do(t.Context(), func(s *torch.Scope) error {
		for _, p := range net.Store.Parameters {
			s.Copy(p.Tensor, s.FromFloat32(fill(p.Name, p.Shape), p.Shape...))
		}
		x := s.FromFloat32(fill("input", []int64{6, 3, 64, 64}), 6, 3, 64, 64)
		near(t, "logits in inference", s.Float64s(net.Forward(&torch.Pass{Scope: s}, x)), flat(want.EvalLogits))

		logits := net.Forward(&torch.Pass{Scope: s, Train: true}, x)
		near(t, "logits in training", s.Float64s(logits), flat(want.TrainLogits))
		loss := s.CrossEntropy(logits, s.FromInt64([]int64{0, 1, 2, 1, 0, 0, 2, 1}[:6], 6), torch.Tensor{}, torch.ReduceMean, 0)
		near(t, "loss", s.Float64s(loss), []float64{want.Loss})
		s.Backward(loss)

		optimizer := torch.NewOptimizer(s, torch.Rule{Kind: torch.RuleAdam, Beta1: 0.9, Beta2: 0.999, Eps: 1e-3})
		var updates []torch.Update
		for _, p := range net.Store.Parameters {
			if p.Buffer {
				check(t, s, p, p.Tensor, want.Buffers)
				continue
			}
			check(t, s, p, s.Grad(p.Tensor), want.Gradients)
			updates = append(updates, torch.Update{Parameter: p, Rate: 1e-4})
		}
		if len(updates) != len(want.Gradients) {
			t.Errorf("the net has %d parameters, torchvision's %d", len(updates), len(want.Gradients))
		}
		optimizer.Step(s, updates)
		for _, up := range updates {
			check(t, s, up.Parameter, up.Parameter.Tensor, want.Updated)
		}
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, s *torch.Scope, p *torch.Parameter, tensor torch.Tensor, want map[string]markOf) {
	t.Helper()
	m, ok := want[p.Name]
	if !ok {
		t.Errorf("torchvision has no %s", p.Name)
		return
	}
	v := s.Float64s(tensor)
	probe, norm := 0.0, 0.0
	for i, w := range u("probe "+p.Name, len(v)) {
		probe += w * v[i]
		norm += v[i] * v[i]
	}
	limit := 1e-4 * m.Norm
	if !(math.Abs(math.Sqrt(norm)-m.Norm) <= limit) || !(math.Abs(probe-m.Probe) <= limit) {
		t.Errorf("%s: norm %v, probe %v; PyTorch has %v, %v", p.Name, math.Sqrt(norm), probe, m.Norm, m.Probe)
	}
	for i, w := range m.First {
		if !(math.Abs(v[i]-w) <= limit) {
			t.Errorf("%s[%d] = %v, PyTorch has %v", p.Name, i, v[i], w)
		}
	}
}

func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if len(got) != len(want) || !(math.Abs(got[i]-want[i]) <= 1e-4*(1+math.Abs(want[i]))) {
			t.Errorf("%s: got %v, want %v", what, got, want)
			return
		}
	}
}

func flat(rows [][]float64) (out []float64) {
	for _, r := range rows {
		out = append(out, r...)
	}
	return out
}

// TestFrozenBatchNormKeepsItsStatistics also after a pass in training mode.
func TestFrozenBatchNormKeepsItsStatistics(t *testing.T) {
	net := build(t, plain(ConvNet{Widths: []int{4, 8}}, "convnet"))
	mean := func(train bool) (out []float64) {
		err := net.engine.Do(context.Background(), func(s *torch.Scope) error {
			net.Store.Train(s, func(name string) bool { return train || Selects(TheHead, name) }, torch.TrainedStatistics)
			x := s.FromFloat32(fill("input", []int64{4, 3, 16, 16}), 4, 3, 16, 16)
			net.Forward(&torch.Pass{Scope: s, Train: true}, x)
			p, _ := net.Store.Get("blocks.0.bn.running_mean")
			out = s.Float64s(p.Tensor)
			return s.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, v := range mean(false) {
		if v != 0 {
			t.Errorf("frozen, the running mean moved to %v", v)
		}
	}
	if v := mean(true); v[0] == 0 {
		t.Error("trained, the running mean did not move")
	}
}
