package train

import (
	"math"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestLayerDecayIsTimms: three steps move each parameter as far as they do in PyTorch with the
// parameter groups of timm (testdata/layer_decay.py): of a ResNet whose first layers are frozen,
// with momentum and a constant rate, and of a ViT, with decay of weights alone and a falling rate.
// The reference is in float64; what float32 is away is below a thousandth of the way.
func TestLayerDecayIsTimms(t *testing.T) {
	t.Parallel()
	var ref struct {
		Cases map[string]map[string][2]float64 // norm and probe of the way
	}
	parity.Read(t, "testdata/layer_decay.json", &ref)
	resnet, vit := phase("top", 3, "layer2", "layer3", "layer4", "head"), phase("all", 3, "all")
	resnet.LayerDecay, resnet.BatchNorm = 0.75, "auto"
	vit.LayerDecay = 0.65
	vit.Schedule = registry.One[Schedule]{Name: "cosine", Part: Cosine{Cycles: 1, Growth: 1, Pace: Pace{Per: "epoch"}}}
	cfg := config(0)
	cfg.Optimizer.Part = SGD{Rate: 1e-2, Momentum: 0.9, WeightDecay: 1e-3}
	threeSteps(t, cfg, resnet, "resnet18", ref.Cases["resnet18"])
	cfg.Optimizer.Part = AdamW{Rate: 1e-2, Beta1: 0.9, Beta2: 0.999, Eps: 1e-3, WeightDecay: 0.05}
	cfg.Decay = Decay{On: "weights"}
	threeSteps(t, cfg, vit, "vit_s_16", ref.Cases["vit_s_16"])
}

// threeSteps trains for three epochs of one step.
func threeSteps(t *testing.T, cfg Config, p Phase, name string, want map[string][2]float64) {
	t.Helper()
	cfg.Phases = []Phase{p}
	backbone, _ := model.Backbones.Default(name)
	net, err := model.Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu", Threads: 1},
		model.Config{Backbone: backbone, Input: model.Input{Channels: 3, Mean: []float64{0}, Std: []float64{1}}}, preprocess.Shape{Channels: 3, Height: 32, Width: 32}, model.Single(3))
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	tr := &trainer{net: net, cfg: cfg, phase: p}
	err = net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		for _, p := range net.Store.Parameters {
			s.Copy(p.Tensor, s.FromFloat32(parity.Fill(p.Name, p.Shape, 6), p.Shape...))
		}
		tr.setTrainable(s, 1)
		tr.openOptimizer(s)
		x := s.FromFloat32(parity.Fill("input", []int64{6, 3, 32, 32}, 6), 6, 3, 32, 32)
		for epoch := range 3 {
			s.ClearGrads(net.Trained())
			logits := net.Forward(&torch.Pass{Scope: s, Train: true}, x)
			s.Backward(s.CrossEntropy(logits, s.FromInt64([]int64{0, 1, 2, 1, 0, 0}, 6), torch.Tensor{}, torch.ReduceMean, 0))
			tr.optimizer.StepWith(s, tr.updates(History{Epoch: epoch + 1, Epochs: 3, Step: epoch + 1, StepsPerEpoch: 1}), torch.StepOptions{})
		}
		moved := 0
		for _, p := range net.Store.Parameters {
			if !p.Trainable {
				continue
			}
			moved++
			asFar(t, s, p, want)
		}
		if moved != len(want) || moved == 0 {
			t.Errorf("%s: %d parameters move, timm's are %d", name, moved, len(want))
		}
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.closeOptimizer(); err != nil {
		t.Error(err)
	}
}

// asFar holds the way of a parameter against the reference.
func asFar(t *testing.T, s *torch.Scope, p *torch.Parameter, want map[string][2]float64) {
	t.Helper()
	m, norm, probe := want[p.Name], 0.0, 0.0
	values := s.Float64s(p.Tensor)
	begin, along := parity.Fill(p.Name, p.Shape, 6), parity.Uniform("probe "+p.Name, len(values))
	for i, v := range values {
		d := v - float64(begin[i])
		norm, probe = norm+d*d, probe+along[i]*d
	}
	if norm = math.Sqrt(norm); math.Abs(norm-m[0]) > 1e-3*m[0] || math.Abs(probe-m[1]) > 1e-3*m[0] || m[0] == 0 {
		t.Errorf("%s: moved by %g, probe %g; want %v", p.Name, norm, probe, m)
	}
}
