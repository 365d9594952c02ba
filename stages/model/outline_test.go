package model

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// sizes are those of backbones, by name: functions that measure once, for several tests.
var sizes sync.Map

// measured is a backbone with a head, and its size for an image of pictureFor.
func measured(t *testing.T, backbone registry.One[Backbone]) (Config, Size) {
	t.Helper()
	cfg := Config{Backbone: backbone, Input: InputOf(backbone.Part), Head: []registry.One[Layer]{
		{Name: "dense", Part: Dense{Units: 7}}, {Name: "batch_norm", Part: BatchNorm{Momentum: 0.1, Eps: 1e-5}}, {Name: "dropout", Part: Dropout{P: 0.5}},
	}}
	once, _ := sizes.LoadOrStore(backbone.Name, sync.OnceValues(func() (Size, error) {
		return Measure(context.Background(), stage.Env{}, cfg, pictureFor(backbone), Single(3))
	}))
	size, err := once.(func() (Size, error))()
	if err != nil {
		t.Fatal(err)
	}
	return cfg, size
}

// TestSketchIsTheNet: the outline, which needs no device, has the parameters of the
// net, in their order, for every backbone.
func TestSketchIsTheNet(t *testing.T) {
	t.Parallel()
	for _, name := range Backbones.Names() {
		backbone, _ := Backbones.Default(name)
		cfg, size := measured(t, backbone)
		cfg, err := cfg.For(pictureFor(backbone))
		if err != nil {
			t.Fatal(err)
		}
		net := Sketch(cfg, Single(3))
		if !reflect.DeepEqual(net.Parameters, size.Parameters) {
			t.Errorf("%s: the outline has %d parameters, the net %d", name, len(net.Parameters), len(size.Parameters))
		}
		for _, group := range append(Groups(cfg), "*.weight", "fc.bias", "head.0") {
			if !net.Holds(group) {
				t.Errorf("%s: %s selects nothing", name, group)
			}
		}
		for _, p := range net.Parameters {
			if Narrowest(LayerNames(net.Groups), p.Name) == "" {
				t.Errorf("%s: %s is of no layer", name, p.Name)
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
	net := Sketch(Config{Backbone: backbone, Input: Default.Input}, Single(3))
	blocks := Blocks(net.Groups)
	last := blocks[len(blocks)-2:]
	if !reflect.DeepEqual(last, []string{"layer4.1", "layer4.2"}) || len(blocks) != 16 {
		t.Errorf("the last of %d blocks are %v", len(blocks), last)
	}
	if n := (Size{Parameters: net.Parameters}).Count(func(name string) bool { return Narrowest(last, name) != "" }); n != 8_925_184 {
		t.Errorf("they have %d parameters", n)
	}
}

// TestLastBlocks: a block is one of those that are repeated, and what lies behind it
// comes with it: a single norm or a last convolution is no block.
func TestLastBlocks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		backbone string
		last     int
		want     string
	}{
		{"resnet18", 1, "layer4.1 head"}, {"resnet18", 99, "layer1.0 layer1.1 layer2.0 layer2.1 layer3.0 layer3.1 layer4.0 layer4.1 head"},
		{"convnet", 2, "blocks.1 blocks.2 head"}, {"efficientnet_b0", 1, "features.7.0 features.8 head"},
		{"densenet121", 1, "features.denseblock4.denselayer16 features.norm5 head"},
		{"convnext_tiny", 4, "features.5.8 features.6 features.7.0 features.7.1 features.7.2 classifier.0 head"},
		{"mobilenet_v3_large", 1, "features.15.block features.16 classifier.0 head"},
		{"regnet_y_400mf", 2, "trunk_output.block4.block4-4 trunk_output.block4.block4-5 head"},
		{"swin_t", 3, "features.5.5 features.6 features.7.0 features.7.1 norm head"},
		{"swin_v2_s", 3, "features.5.17 features.6 features.7.0 features.7.1 norm head"},
		{"maxvit_t", 2, "blocks.3.layers.0 blocks.3.layers.1 classifier.2 classifier.3 head"},
		{"caformer_s18", 4, "stages.2.blocks.8 stages.3.downsample stages.3.blocks.0 stages.3.blocks.1 stages.3.blocks.2 classifier.0 classifier.fc1 classifier.norm head"},
		{"pvt_v2_b2", 1, "stages.3.blocks.2 stages.3.norm head"},
		{"medicalnet_resnet10", 2, "layer3.0 layer4.0 head"}, {"densenet121_3d", 1, "features.denseblock4.denselayer16 features.norm5 head"},
		{"vit_b_16", 2, "encoder.layers.encoder_layer_10 encoder.layers.encoder_layer_11 encoder.ln head"},
	} {
		backbone, _ := Backbones.Default(test.backbone)
		if got := strings.Join(From(Groups(Config{Backbone: backbone}), test.last), " "); got != test.want {
			t.Errorf("%s, %d: got %s, want %s", test.backbone, test.last, got, test.want)
		}
	}
}
