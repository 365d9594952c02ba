package model

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// What torch.utils.flop_counter counts, whatever is trained; see testdata/products.py.
// Where training begins with a block, its shortcut's gradient by the images is counted
// too, which nobody wants; likewise the first keys' and values' where what they are added
// or multiplied by is trained.
func TestProducts(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/products.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		ResNet18, ResNet50 map[string][2]int64
		ViT                map[string][2]int64 `json:"vit_b_16"`
		Swin               map[string][2]int64 `json:"swin_t"`
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	trained := map[string][]string{
		"all": {""}, "head": {"fc."}, "top": {"layer4.", "encoder_layer_11.", "encoder.ln.", "features.7.", "fc."},
		"norms": {".bn", "bn1.", ".downsample.1", "norm", ".ln"}, "positions": {"pos_embedding", "bias_table"},
	}
	for name, counts := range map[string]map[string][2]int64{"resnet18": want.ResNet18, "resnet50": want.ResNet50, "vit_b_16": want.ViT, "swin_t": want.Swin} {
		backbone, _ := Backbones.Default(name)
		size, err := Measure(t.Context(), stage.Env{}, Config{Backbone: backbone, Input: Default.Input}, preprocess.Shape{Channels: 1, Height: 64, Width: 64}, Single(3))
		if err != nil {
			t.Fatal(err)
		}
		for words, want := range counts {
			forward, backward := size.Products(0, func(weight string) bool {
				for _, word := range trained[words] {
					if strings.Contains(weight, word) {
						return true
					}
				}
				return false
			})
			// torch counted two images, and so do two operations a product
			extra := 0.0
			switch {
			case words == "top" && strings.HasPrefix(name, "resnet"):
				extra = 0.08
			case words == "positions":
				extra = 0.01
			}
			more := float64(backward)/float64(want[1]/2) - 1
			if forward != want[0]/2 || more < 0 || more > extra {
				t.Errorf("%s, %s trained: got %d and %d products, want %v", name, words, forward, backward, want)
			}
		}
	}
}
