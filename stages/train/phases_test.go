package train

import (
	"context"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

var resnetGroups = []string{"conv1", "bn1", "layer3", "layer3.0", "layer4", "layer4.0", "layer4.1", "layer4.2", "head", "backbone", "all"}

func TestWordsOfAPhase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		phase Phase
		epoch int
		want  string
	}{
		{Phase{Train: []string{"head"}}, 9, "head"},
		{Phase{LastBlocks: 2}, 1, "layer4.1 layer4.2 head"},
		{Phase{Train: []string{"bn1"}, LastBlocks: 1}, 1, "bn1 layer4.2 head"},
		{Phase{Train: []string{"head"}, Unfreeze: &Unfreeze{Every: 2, Layers: 1}}, 2, "head"},
		{Phase{Train: []string{"head"}, Unfreeze: &Unfreeze{Every: 2, Layers: 1}}, 3, "head layer4.2"},
		{Phase{Train: []string{"head", "layer4"}, Unfreeze: &Unfreeze{Every: 1, Layers: 2}}, 2, "head layer4 layer3.0 bn1"},
		{Phase{Train: []string{"head"}, Unfreeze: &Unfreeze{Every: 1, Layers: 1}}, 99, "head layer4.2 layer4.1 layer4.0 layer3.0 bn1 conv1"},
	} {
		if got := strings.Join(test.phase.Words(resnetGroups, test.epoch), " "); got != test.want {
			t.Errorf("%+v, epoch %d: got %q, want %q", test.phase, test.epoch, got, test.want)
		}
	}
}

// The seed's "last 20 layers" are two blocks; see facts of ResNet-50 in
// stages/model/size_test.go.
func TestPatternsSelectByTorchvisionsNames(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"layer4.*":               "layer4.0.bn2.weight layer4.1.conv1.weight",
		"*.bn2":                  "layer3.0.bn2.bias layer4.0.bn2.weight",
		"layer[34].?.bn2.weight": "layer4.0.bn2.weight",
		"*.bias":                 "layer3.0.bn2.bias fc.bias",
		"fc":                     "fc.bias",
		"layer4.*.bn1":           "",
	} {
		var got []string
		for _, name := range []string{"conv1.weight", "layer3.0.bn2.bias", "layer4.0.bn2.weight", "layer4.1.conv1.weight", "fc.bias"} {
			if model.Selects(pattern, name) {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", pattern, got, want)
		}
	}
}

// changed lists the parameters that differ, bit for bit.
func changed(before, after map[string]safetensors.Tensor) (names []string) {
	for name := range before {
		if !reflect.DeepEqual(before[name], after[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// TestFreezing says for each choice of what is trained which numbers of the net
// move; all others must be the same bit for bit after the phase.
func TestFreezing(t *testing.T) {
	t.Parallel()
	const stats1, stats2 = "blocks.1.bn.running_mean blocks.1.bn.running_var", "blocks.0.bn.running_mean blocks.0.bn.running_var"
	for name, test := range map[string]struct {
		change func(*Phase)
		want   string
	}{
		"head":              {func(p *Phase) { p.Train = []string{"head"} }, "fc.bias fc.weight"},
		"last block":        {func(p *Phase) { p.Train, p.LastBlocks = nil, 1 }, "blocks.1.bn.bias " + stats1 + " blocks.1.bn.weight blocks.1.conv.weight fc.bias fc.weight"},
		"pattern":           {func(p *Phase) { p.Train = []string{"*.1.bn"} }, "blocks.1.bn.bias " + stats1 + " blocks.1.bn.weight"},
		"frozen statistics": {func(p *Phase) { p.Train, p.BatchNorm = []string{"blocks.1"}, "frozen" }, "blocks.1.bn.bias blocks.1.bn.weight blocks.1.conv.weight"},
		"all statistics":    {func(p *Phase) { p.Train, p.BatchNorm = []string{"head"}, "training" }, stats2 + " " + stats1 + " fc.bias fc.weight"},
		"unfreezing": {func(p *Phase) { p.Train, p.Unfreeze = []string{"head"}, &Unfreeze{Every: 1, Layers: 1} },
			"blocks.1.bn.bias " + stats1 + " blocks.1.bn.weight blocks.1.conv.weight fc.bias fc.weight"},
	} {
		b, p := newBench(t), phase("p", 2, "head")
		p.Keep = "last"
		test.change(&p)
		cfg := config(1e-2, p)
		cfg.EMA = &EMA{Decay: 0.5}
		before := b.weights(t)
		if got := strings.Join(changed(before, b.train(t, cfg, recipe)), " "); got != test.want {
			t.Errorf("%s: changed\n%s, want\n%s", name, got, test.want)
		}
		for _, held := range b.optimizerState(t) {
			if !p.Trains(b.net.Groups, 2)(held) {
				t.Errorf("%s: the optimizer holds %s, which is frozen", name, held)
			}
		}
	}
}

// optimizerState lists the parameters of which the last checkpoint holds state.
func (b bench) optimizerState(t *testing.T) (names []string) {
	t.Helper()
	file, err := safetensors.Read(b.env.RunDir + "/last.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for key := range file.Metadata {
		if name, ok := strings.CutPrefix(key, "optimizer.step/"); ok {
			names = append(names, name+" "+file.Metadata[key])
		}
	}
	slices.Sort(names)
	for i, n := range names {
		names[i], _, _ = strings.Cut(n, " ")
	}
	return names
}

// TestFrozenParametersHoldNoGradients of a phase that trained them.
func TestFrozenParametersHoldNoGradients(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.train(t, config(1e-2, phase("all", 1, "all"), phase("head", 1, "head")), nil)
	err := b.net.Engine().Do(t.Context(), func(s *torch.Scope) error {
		for _, p := range b.net.Store.Parameters {
			if held := !p.Buffer && s.Grad(p.Tensor).Valid(); held != p.Trainable {
				t.Errorf("%s: trained %v, holds a gradient %v", p.Name, p.Trainable, held)
			}
		}
		return s.Err()
	})
	if err != nil {
		t.Error(err)
	}
}

// TestOptimizerGoesOn counts the updates that the optimizer remembers: a phase that
// keeps the state goes on counting, and forgets what it freezes.
func TestOptimizerGoesOn(t *testing.T) {
	t.Parallel()
	steps := func(state string) map[string]string {
		b := newBench(t)
		first, second := phase("first", 1, "all"), phase("second", 1, "head")
		second.OptimizerState = state
		second.Optimizers = map[string]registry.One[Optimizer]{"fc.bias": {Name: "sgd", Part: SGD{Rate: 1e-2}}}
		b.train(t, config(1e-2, first, second), nil)
		file, err := safetensors.Read(b.env.RunDir + "/last.safetensors")
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for key, value := range file.Metadata {
			if name, ok := strings.CutPrefix(key, "optimizer.step/"); ok {
				out[name] = value
			}
		}
		return out
	}
	fresh, kept := steps("fresh"), steps("kept")
	if len(fresh) != 2 || len(kept) != 2 {
		t.Fatalf("the optimizer holds %v and %v, want fc alone", fresh, kept)
	}
	if fresh["fc.weight"] == kept["fc.weight"] || kept["fc.weight"] != "14" {
		t.Errorf("updates: fresh %s, kept %s", fresh["fc.weight"], kept["fc.weight"])
	}
	if kept["fc.bias"] != fresh["fc.bias"] {
		t.Errorf("the bias has %s updates under its new rule, want %s", kept["fc.bias"], fresh["fc.bias"])
	}
}

// TestPhaseHasItsOwnOptimizerAndMonitor: the number that is monitored decides which
// epoch is best.
func TestPhaseHasItsOwnOptimizerAndMonitor(t *testing.T) {
	t.Parallel()
	b, p := newBench(t), phase("p", 4, "all")
	p.Monitor = "train.loss"
	p.Optimizer = &registry.One[Optimizer]{Name: "sgd", Part: SGD{Rate: 0.05, Momentum: 0.9}}
	cfg := config(1e-2, p)
	cfg.Monitor = "validation.nothing"
	trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, nil, measure)
	if err != nil {
		t.Fatal(err)
	}
	losses := b.seen.values("train", "loss")
	if want := slices.Index(losses, slices.Min(losses)) + 1; trained.BestEpoch != want {
		t.Errorf("best epoch %d, want %d of %v", trained.BestEpoch, want, losses)
	}
	for _, rate := range b.seen.values("all trained groups", "learning_rate") {
		if rate != 0.05 {
			t.Errorf("rate %v, want the phase's optimizer's", rate)
		}
	}
	file, err := safetensors.Read(b.env.RunDir + "/last.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := file.Tensors["optimizer.momentum_buffer/fc.weight"]; !ok {
		t.Error("the optimizer is not the phase's")
	}
}

func TestUnfreezingIsRecorded(t *testing.T) {
	t.Parallel()
	b, p := newBench(t), phase("p", 3, "head")
	p.Unfreeze = &Unfreeze{Every: 1, Layers: 1}
	b.train(t, config(1e-2, p), nil)
	var events []string
	var trainable []int
	groups := ""
	for _, r := range b.seen.records {
		switch r := r.(type) {
		case stage.Event:
			if r.Stage == "train" {
				events = append(events, r.Text)
			}
		case stage.PhaseRecord:
			trainable, groups = append(trainable, r.Trainable), strings.Join(r.Groups, " ")
		}
	}
	if len(events) != 2 || events[1] != "phase p, epoch 3: blocks.0 joins the training" {
		t.Errorf("events %q", events)
	}
	if groups != "head blocks.1 blocks.0" {
		t.Errorf("in the end %s were trained", groups)
	}
	if len(trainable) != 2 || trainable[0] != 27 || trainable[1] <= 27 {
		t.Errorf("trainable parameters %v, want those of fc first, and more in the end", trainable)
	}
}

// TestSharedOutputs: the head of CORAL has one row of weights for each target, whose
// outputs differ by the biases alone.
func TestSharedOutputs(t *testing.T) {
	t.Parallel()
	onEngine(t, func(s *torch.Scope) {
		store := torch.NewStore(s, 1)
		defer store.Free()
		layer := torch.NewSharedLinear(store.Root(s).Sub("fc"), 2, []int{3, 3})
		x := s.FromFloat32([]float32{1, 2, -3, 0.5}, 2, 2)
		out := layer.Forward(&torch.Pass{Scope: s}, x)
		got, w := s.Float64s(out), s.Float64s(layer.Weight.Tensor)
		for i, row := range [][2]float64{{1, 2}, {-3, 0.5}} {
			for k := range 6 {
				of := w[k/3*2:]
				want := of[0]*row[0] + of[1]*row[1] + float64(3-k%3)/3
				if d := got[6*i+k] - want; !(d <= 1e-6) || !(d >= -1e-6) {
					t.Errorf("output %d of row %d: %v, want %v", k, i, got[6*i+k], want)
				}
			}
		}
		s.Backward(s.Mean(out))
		if grad := s.Float64s(s.Grad(layer.Weight.Tensor)); len(grad) != 4 || !(math.Abs(grad[0]+0.5) <= 1e-6) || !(math.Abs(grad[3]-0.625) <= 1e-6) {
			t.Errorf("gradient %v of the shared weights", grad)
		}
		if s.Err() != nil {
			t.Error(s.Err())
		}
	})
}

// TestGroupsHaveTheirOwnOptimizers: after one step each group is where a training with
// its optimizer alone would have it.
func TestGroupsHaveTheirOwnOptimizers(t *testing.T) {
	t.Parallel()
	adam := registry.One[Optimizer]{Name: "adam", Part: Adam{Rate: 1e-2, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}}
	sgd := registry.One[Optimizer]{Name: "sgd", Part: SGD{Rate: 0.5, Momentum: 0.9}}
	run := func(o registry.One[Optimizer], groups map[string]registry.One[Optimizer]) (bench, map[string]safetensors.Tensor) {
		b, p := newBench(t), phase("all", 1, "all")
		p.Keep, p.Optimizers = "last", groups
		cfg := config(0, p)
		cfg.Batch, cfg.Optimizer = 1000, o
		return b, b.train(t, cfg, nil)
	}
	_, ofAdam := run(adam, nil)
	_, ofSGD := run(sgd, nil)
	b, mixed := run(adam, map[string]registry.One[Optimizer]{"head": sgd, "all": {Name: "adam", Part: adam.Part}})
	for name, got := range mixed {
		want := ofAdam
		if model.Selects(model.TheHead, name) {
			want = ofSGD
		}
		if !reflect.DeepEqual(got, want[name]) {
			t.Errorf("%s is not where its optimizer alone has it", name)
		}
	}
	if rates := b.seen.values("head", "learning_rate"); len(rates) != 1 || rates[0] != 0.5 {
		t.Errorf("the head's rates are %v, want 0.5", rates)
	}
	for _, r := range b.seen.records {
		if r, ok := r.(stage.Scalar); ok && r.Name == "learning_rate" && r.Value != map[string]float64{"head": 0.5, "all": 1e-2}[r.Series] {
			t.Errorf("the rate of %s is %v", r.Series, r.Value)
		}
	}
	if reflect.DeepEqual(ofAdam["fc.weight"], ofSGD["fc.weight"]) {
		t.Error("the two optimizers do the same")
	}
	file, err := safetensors.Read(b.env.RunDir + "/last.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]bool{
		"optimizer.momentum_buffer/fc.weight": true, "optimizer.exp_avg/fc.weight": false,
		"optimizer.momentum_buffer/blocks.0.conv.weight": false, "optimizer.exp_avg/blocks.0.conv.weight": true,
	} {
		if _, held := file.Tensors[key]; held != want {
			t.Errorf("%s is held: %v, want %v", key, held, want)
		}
	}
}

// TestNextPhaseBeginsFrom: a phase begins with the best or the last weights of the one before, as it
// says, whatever that one keeps.
func TestNextPhaseBeginsFrom(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"best", "last"} {
		b, one, two := newBench(t), phase("one", 2, "all"), phase("two", 1, "head")
		one.Keep, two.From = map[string]string{"best": "last", "last": "best"}[from], from
		two.Rate = new(float64)
		*two.Rate = 1e-12
		if _, err := Run(t.Context(), b.env, config(1.0, one, two), b.net, b.images, nil, measure); err != nil {
			t.Fatal(err)
		}
		losses := b.seen.values("validation", "loss")
		if len(losses) != 3 || !(math.Abs(slices.Min(losses[:2])-losses[1]) > 1e-3) {
			t.Fatalf("the losses %v do not tell the best epoch from the last", losses)
		}
		if want := map[string]float64{"best": slices.Min(losses[:2]), "last": losses[1]}[from]; !(math.Abs(losses[2]-want) <= 1e-4) {
			t.Errorf("from %s: the second phase begins at %v, want %v of %v", from, losses[2], want, losses)
		}
	}
}

// TestEnoughKeepsWhatThePhaseKeeps: a training that is ended in its first phase gives the
// weights of that phase's keep, whichever the phase that never began would have taken, and
// the files say the same.
func TestEnoughKeepsWhatThePhaseKeeps(t *testing.T) {
	t.Parallel()
	for _, keep := range []string{"best", "last"} {
		b, one, two := newBench(t), phase("one", 6, "all"), phase("two", 1, "head")
		one.Keep, two.From = keep, map[string]string{"best": "last", "last": "best"}[keep]
		b.env.BetweenEpochs = func(_ context.Context, epochs int) error {
			if epochs == 2 {
				return stage.ErrEnough
			}
			return nil
		}
		trained, err := Run(t.Context(), b.env, config(1.0, one, two), b.net, b.images, nil, measure)
		if err != nil {
			t.Fatal(err)
		}
		losses := b.seen.values("validation", "loss")
		if len(losses) != 2 || slices.Min(losses) == losses[1] {
			t.Fatalf("the losses %v do not tell the best epoch from the last", losses)
		}
		want := map[string]float64{"best": slices.Min(losses), "last": losses[1]}[keep]
		if got, _ := measure(ofSplit(trained.Predictions, stage.Validation)); !(math.Abs(got[0].Value-want) <= 1e-9) {
			t.Errorf("keep: %s: predictions of loss %v, want %v of %v", keep, got[0].Value, want, losses)
		}
		inMemory := b.weights(t)
		if err := Restore(t.Context(), b.net, Folder(b.env.RunDir)); err != nil {
			t.Fatal(err)
		}
		if names := changed(inMemory, b.weights(t)); len(names) > 0 {
			t.Errorf("keep: %s: the file for predictions holds other %v", keep, names)
		}
	}
}
