package train

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// withoutDropout replaces the net by one whose numbers do not depend on how a
// batch is cut, while batch-norm is frozen.
func (b bench) withoutDropout(t *testing.T) bench {
	t.Helper()
	net, err := model.Build(t.Context(), b.env, model.Config{
		Backbone: registry.One[model.Backbone]{Name: "convnet", Part: model.ConvNet{Widths: []int{4, 8}}},
		Input:    model.Input{Channels: 1, Mean: []float64{0.3}, Std: []float64{0.25}},
	}, b.images.Shape(), model.Single(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Close() })
	b.net = net
	return b
}

func (b bench) train(t *testing.T, cfg Config, recipe augment.Config) map[string]safetensors.Tensor {
	t.Helper()
	if _, err := Run(t.Context(), b.env, cfg, b.net, b.images, recipe, measure); err != nil {
		t.Fatal(err)
	}
	return b.weights(t)
}

// distance is the Euclidean one over all tensors.
func distance(a, b map[string]safetensors.Tensor) float64 {
	sum := 0.0
	for name := range a {
		for i, v := range a[name].Data {
			d := float64(v) - float64(b[name].Data[i])
			sum += d * d
		}
	}
	return math.Sqrt(sum)
}

func withSGD(cfg Config, rate float64) Config {
	cfg.Optimizer = registry.One[Optimizer]{Name: "sgd", Part: SGD{Rate: rate}}
	return cfg
}

var mixing = augment.Config{{Name: "mixup", Part: augment.MixUp{When: augment.Always, Alpha: 0.4}}}

var mixedRecipe = append(append(augment.Config{}, recipe...), mixing...)

// TestMicroBatchesAddUp: the same training in one piece and in three, with hard
// labels and mixed ones; the last batch is shorter than the others.
func TestMicroBatchesAddUp(t *testing.T) {
	for name, recipe := range map[string]augment.Config{"hard": nil, "mixed": mixing} {
		t.Run(name, func(t *testing.T) {
			cfg := withSGD(config(0, phase("head", 2, "head")), 0.1)
			first := newBench(t).withoutDropout(t)
			before := first.weights(t)
			whole := first.train(t, cfg, recipe)
			cfg.Accumulate = 3
			parts := newBench(t).withoutDropout(t).train(t, cfg, recipe)
			moved, apart := distance(before, whole), distance(whole, parts)
			if moved < 1e-2 || !(apart <= 1e-6*moved) {
				t.Errorf("moved by %g; in parts it ends %g away", moved, apart)
			}
		})
	}
}

// TestAverages follows the averages of three steps by hand, from runs that end
// after one, two and three of them.
func TestAverages(t *testing.T) {
	const decay = 0.7
	last := func(epochs int, ema *EMA) (start, end map[string]safetensors.Tensor, b bench) {
		b = newBench(t)
		p := phase("head", epochs, "head")
		p.Keep = "last"
		cfg := config(1e-2, p)
		cfg.Batch, cfg.EMA = 1000, ema
		start = b.weights(t)
		return start, b.train(t, cfg, nil), b
	}
	want, _, _ := last(1, nil)
	for n := 1; n <= 3; n++ {
		_, weights, _ := last(n, nil)
		for name, tensor := range weights {
			for i, v := range tensor.Data {
				want[name].Data[i] = float32(decay*float64(want[name].Data[i]) + (1-decay)*float64(v))
			}
		}
	}
	start, got, b := last(3, &EMA{Decay: decay})
	if d := distance(want, got); !(d <= 1e-6) || distance(start, got) < 1e-3 {
		t.Errorf("the averages are %g from those by hand", d)
	}
	_, raw, _ := last(3, nil)
	file, err := safetensors.Read(filepath.Join(b.env.RunDir, "last.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(file.Tensors["fc.weight"], raw["fc.weight"]) || !reflect.DeepEqual(file.Tensors["average/fc.weight"], got["fc.weight"]) {
		t.Error("last.safetensors does not hold weights and averages side by side")
	}
	for name := range got {
		if !model.Selects(model.TheHead, name) && !reflect.DeepEqual(start[name], got[name]) {
			t.Errorf("frozen %s has changed", name)
		}
	}
}

// TestAveragesOfPartsThatJoin: what joins the training late has had fewer updates; the
// averages warm up by the phase's.
func TestAveragesOfPartsThatJoin(t *testing.T) {
	t.Parallel()
	ema := &EMA{Decay: 0.9, WarmUp: true}
	last := func(epochs int, ema *EMA) (start, end map[string]safetensors.Tensor) {
		b, first, p := newBench(t), phase("first", 2, "head"), phase("joining", epochs, "head")
		first.Keep, p.Keep = "last", "last"
		p.Unfreeze = &Unfreeze{Every: 1, Layers: 1}
		cfg := config(1e-2, first)
		cfg.Batch = 1000
		start = b.train(t, cfg, nil)
		cfg.Phases, cfg.EMA = []Phase{p}, ema
		return start, b.train(t, cfg, nil)
	}
	want, _ := last(1, nil)
	for n := 1; n <= 3; n++ {
		_, weights := last(n, nil)
		decay := ema.At(int64(n))
		for name, tensor := range weights {
			for i, v := range tensor.Data {
				want[name].Data[i] = float32(decay*float64(want[name].Data[i]) + (1-decay)*float64(v))
			}
		}
	}
	start, got := last(3, ema)
	if d := distance(want, got); !(d <= 1e-6) || distance(start, got) < 1e-3 {
		t.Errorf("the averages are %g from those by hand", d)
	}
}

func TestDecayOfTheAverages(t *testing.T) {
	e := EMA{Decay: 0.9, WarmUp: true}
	for n, want := range map[int64]float64{1: 2.0 / 11, 8: 0.5, 1000: 0.9} {
		if got := e.At(n); !(math.Abs(got-want) <= 1e-15) {
			t.Errorf("step %d: %v, want %v", n, got, want)
		}
	}
}

func TestClippedStepHasTheNormAskedFor(t *testing.T) {
	b := newBench(t)
	cfg := withSGD(config(0, phase("head", 1, "head")), 1)
	cfg.Batch, cfg.Clip = 1000, Clip{Norm: 1e-2}
	before := b.weights(t)
	if got := distance(before, b.train(t, cfg, nil)); !(math.Abs(got-1e-2) <= 1e-5) {
		t.Errorf("a step at rate 1 has length %g, want the norm 0.01", got)
	}
}

func TestDecayByParameter(t *testing.T) {
	d := Decay{On: "weights", L2: map[string]float64{"head": 0.1, "head.0": 0.2}}
	for _, c := range []struct {
		name      string
		shape     []int64
		share, l2 float64
	}{
		{"layer1.conv.weight", []int64{4, 1, 3, 3}, 0.5, 0}, {"layer1.bn.weight", []int64{4}, 0, 0}, {"head.0.bias", []int64{4}, 0, 0},
		{"head.0.weight", []int64{4, 4}, 0.5, 0.2}, {"fc.weight", []int64{3, 4}, 0.5, 0.1},
		{"head.slices.positions", []int64{5, 4}, 0, 0},
	} {
		share, l2 := d.of(&torch.Parameter{Name: c.name, Shape: c.shape, Embedding: strings.HasSuffix(c.name, "positions")}, 0.5)
		if share != c.share || l2 != c.l2 {
			t.Errorf("%s: decay %v, L2 %v; want %v, %v", c.name, share, l2, c.share, c.l2)
		}
	}
	if share, _ := DefaultDecay.of(&torch.Parameter{Name: "fc.bias", Shape: []int64{3}}, 0.5); share != 0.5 {
		t.Errorf("everything: the decay of a bias is %v", share)
	}
}

func TestFullMemoryProposesABatch(t *testing.T) {
	cfg := config(1e-3)
	cfg.Batch = 64
	err := cfg.memory(fmt.Errorf("forward: %w", torch.ErrOutOfMemory))
	if !errors.Is(err, torch.ErrOutOfMemory) || !strings.Contains(err.Error(), "train.batch to 32") || !strings.Contains(err.Error(), "train.accumulate to 2") {
		t.Errorf("got %v, want half the batch or two parts", err)
	}
	if other := errors.New("other"); cfg.memory(other) != other {
		t.Error("another error was changed")
	}
	const recompute = "train.compute: {recompute: true}"
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
		more   bool // recomputation is proposed, too
	}{
		"one image":           {func(c *Config) { c.Batch = 1 }, "not even one image at a time fits", true},
		"split already":       {func(c *Config) { c.Accumulate = registry.Auto }, "set train.batch to 32: smaller parts of a batch did not help", true},
		"parts already":       {func(c *Config) { c.Accumulate = 4 }, "set train.batch to 32, or keep it at 64 and set train.accumulate to 8, or to auto", true},
		"almost one for each": {func(c *Config) { c.Batch, c.Accumulate = 4, 3 }, "keep it at 4 and set train.accumulate to 4", true},
		"a part for each":     {func(c *Config) { c.Batch, c.Accumulate = 4, 4 }, "not even one image at a time fits", true},
		"recomputed already":  {func(c *Config) { c.Compute.Recompute = true }, "set train.accumulate to 2", false},
		"a loss of the whole": {func(c *Config) { c.Loss = registry.One[Loss]{Name: "rsna_log_loss", Part: RSNALogLoss{}} }, "the loss rsna_log_loss looks at a batch as a whole", true},
	} {
		cfg := config(1e-3)
		cfg.Batch = 64
		c.change(&cfg)
		err := cfg.memory(torch.ErrOutOfMemory)
		if stage.KindOf(err) != stage.OutOfMemory || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), recompute) != c.more {
			t.Errorf("%s: got %v, want %s, and recomputation: %v", name, err, c.want, c.more)
		}
	}
}
