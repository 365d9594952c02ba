package train

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// TestGroupRates: neighbours of one factor are one line, and one line is all.
func TestGroupRates(t *testing.T) {
	t.Parallel()
	groups := []string{"conv1", "layer1", "layer1.0", "layer1.1", "head", "backbone", "all"}
	names := []string{"conv1.weight", "layer1.0.conv.weight", "layer1.1.conv.weight", "fc.weight"}
	for _, c := range []struct {
		phase Phase
		names []string
		want  string
	}{
		{Phase{}, names, "[{all trained groups 1}]"},
		{Phase{Factors: map[string]float64{"all": 0.5}}, names, "[{all trained groups 0.5}]"},
		{Phase{Factors: map[string]float64{"backbone": 0.1}}, names, "[{conv1 to layer1.1 0.1} {head 1}]"},
		{Phase{Factors: map[string]float64{"backbone": 0.1}}, names[3:], "[{all trained groups 1}]"},
		{Phase{LayerDecay: 0.5}, names[1:], "[{layer1.0 0.25} {layer1.1 0.5} {head 1}]"},
		{Phase{}, nil, "[{all trained groups 1}]"},
	} {
		if got := fmt.Sprint(c.phase.groupRates(c.names, groups)); got != c.want {
			t.Errorf("%+v, %v: got %s, want %s", c.phase, c.names, got, c.want)
		}
	}
}

func TestFactorsOfTheRate(t *testing.T) {
	groups := []string{"conv1", "layer1", "layer1.0", "layer1.1", "head", "backbone", "all"}
	if got, want := model.LayerNames(groups), []string{"conv1", "layer1.0", "layer1.1", "head"}; !reflect.DeepEqual(got, want) {
		t.Fatalf("layers %v, want %v", got, want)
	}
	p := Phase{Factors: map[string]float64{"all": 3, "backbone": 0.5, "layer1": 0.25, "layer1.1": 2}, LayerDecay: 0.1}
	for name, want := range map[string]float64{"fc.weight": 3, "layer1.1.bn1.bias": 0.2, "layer1.0.conv1.weight": 0.25 * 0.01, "conv1.weight": 0.5 * 0.001} {
		if got := p.Factor(name, groups); !(math.Abs(got-want) <= 1e-15) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	vit, _ := model.Backbones.Default("vit_b_16")
	words := model.Groups(model.Config{Backbone: vit})
	for name, want := range map[string]float64{
		"fc.bias": 1, "encoder.ln.weight": 0.5, "encoder.layers.encoder_layer_11.ln_1.bias": 0.5, "encoder.layers.encoder_layer_0.mlp.0.bias": 1.0 / (1 << 12),
		"encoder.pos_embedding": 1.0 / (1 << 13), "class_token": 1.0 / (1 << 13), "conv_proj.weight": 1.0 / (1 << 13),
	} {
		if got := (Phase{LayerDecay: 0.5}).Factor(name, words); got != want {
			t.Errorf("vit_b_16, %s: %v, want %v", name, got, want)
		}
	}
	if got := (Phase{}).Factor("conv1.weight", groups); got != 1 {
		t.Errorf("no factors: %v", got)
	}
}

// TestGroupAtASmallRateMovesLess: plain descent of one step moves each group by
// its rate times its gradient.
func TestGroupAtASmallRateMovesLess(t *testing.T) {
	rates := []float64{}
	run := func(factors map[string]float64) (head, backbone float64) {
		b, p := newBench(t), phase("all", 1, "all")
		p.Factors, p.Keep = factors, "last"
		cfg := withSGD(config(0, p), 0.1)
		cfg.Batch = 1000
		before := b.weights(t)
		after := b.train(t, cfg, nil)
		for _, param := range b.net.Store.Parameters {
			for i, v := range before[param.Name].Data {
				d := math.Abs(float64(after[param.Name].Data[i]) - float64(v))
				switch {
				case param.Buffer:
				case model.Selects(model.TheHead, param.Name):
					head += d
				default:
					backbone += d
				}
			}
		}
		rates = rates[:0]
		for _, r := range b.seen.records {
			if s, is := r.(stage.Scalar); is && s.Name == "learning_rate" {
				rates = append(rates, s.Value)
			}
		}
		return head, backbone
	}
	head, backbone := run(nil)
	same, tenth := run(map[string]float64{"backbone": 0.1})
	if same != head || head == 0 || !(math.Abs(tenth/backbone-0.1) <= 1e-3) {
		t.Errorf("head moved %g and %g, backbone %g and %g; want equal, and a tenth", head, same, backbone, tenth)
	}
	if len(rates) < 2 || !(math.Abs(slices.Min(rates)-0.01) <= 1e-12) || !(math.Abs(slices.Max(rates)-0.1) <= 1e-12) {
		t.Errorf("told are the rates %v, want 0.1 and a tenth of it", rates)
	}
}
