package model

import (
	"reflect"
	"testing"

	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
)

// TestSketchIsTheNet: the outline, which needs no device, has the parameters of the
// net, in their order, for every backbone.
func TestSketchIsTheNet(t *testing.T) {
	t.Parallel()
	for _, name := range Backbones.Names() {
		backbone, _ := Backbones.Default(name)
		cfg := Config{Backbone: backbone, Input: Default.Input, Head: []registry.One[Layer]{
			{Name: "dense", Part: Dense{Units: 7}}, {Name: "batch_norm", Part: BatchNorm{Momentum: 0.1, Eps: 1e-5}}, {Name: "dropout", Part: Dropout{P: 0.5}},
		}}
		size, err := Measure(t.Context(), cfg, preprocess.Shape{Channels: 3, Height: 32, Width: 32}, 3)
		if err != nil {
			t.Fatal(err)
		}
		net := Sketch(cfg, 3)
		if !reflect.DeepEqual(net.Parameters, size.Parameters) {
			t.Errorf("%s: the outline has %d parameters, the net %d", name, len(net.Parameters), len(size.Parameters))
		}
		for _, group := range append(Groups(cfg), "*.weight", "fc.bias", "head.0") {
			if !net.Holds(group) {
				t.Errorf("%s: %s selects nothing", name, group)
			}
		}
		if net.Holds("laier*") {
			t.Errorf("%s: a pattern that nothing has selects something", name)
		}
		layers, _ := net.Fixed(func(name string) bool { return Selects("fc", name) }, "auto")
		if want := len(size.Outputs) - 2; layers != want { // dropout ends it, although fc alone is trained
			t.Errorf("%s: %d layers are fixed, want %d of %d", name, layers, want, len(size.Outputs))
		}
	}
}

// The notebook's last 20 layers are the last two blocks: 8,925,184 parameters in
// torchvision's net.
func TestLastBlocksOfResNet50(t *testing.T) {
	t.Parallel()
	backbone, _ := Backbones.Default("resnet50")
	net := Sketch(Config{Backbone: backbone, Input: Default.Input}, 3)
	blocks := Blocks(net.Groups)
	last := blocks[len(blocks)-2:]
	if !reflect.DeepEqual(last, []string{"layer4.1", "layer4.2"}) || len(blocks) != 16 {
		t.Errorf("the last of %d blocks are %v", len(blocks), last)
	}
	if n := (Size{Parameters: net.Parameters}).Count(func(name string) bool { return Narrowest(last, name) != "" }); n != 8_925_184 {
		t.Errorf("they have %d parameters", n)
	}
}
