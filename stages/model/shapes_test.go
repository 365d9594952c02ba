package model

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
)

// TestShapesAreTorchvisions holds names and shapes of all tensors, so that its weights fit, and
// the multiply-adds, so that strides are as they should be, against torchvision's nets
// (testdata/shapes.py). A backbone with weights that torchvision publishes must be among them.
func TestShapesAreTorchvisions(t *testing.T) {
	t.Parallel()
	var all struct {
		Nets map[string]struct {
			Tensors              int
			Parameters, Products int64
			SHA256               string
		}
	}
	parity.Read(t, "testdata/shapes.json", &all)
	for _, name := range Backbones.Names() {
		backbone, _ := Backbones.Default(name)
		want, ok := all.Nets[name]
		_, published := backbone.Part.(Published)
		if _, volume := backbone.Part.(Volumetric); !ok && (!published || volume) {
			continue
		}
		cfg, size := measured(t, backbone)
		cfg, err := cfg.For(pictureFor(backbone))
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, p := range Sketch(cfg, Single(3)).net.Store.Parameters {
			if Selects(BackBone, p.Name) {
				lines = append(lines, p.Name+" "+strings.Trim(fmt.Sprint(p.Shape), "[]"))
			}
		}
		slices.Sort(lines)
		text := strings.Join(lines, "\n")
		if digest := fmt.Sprintf("%x", sha256.Sum256([]byte(text))); digest != want.SHA256 || len(lines) != want.Tensors {
			t.Errorf("%s: %d tensors, torchvision has %d, or others, as python shapes.py %s prints them. The net has\n%s", name, len(lines), want.Tensors, name, text)
		}
		if got := size.Count(func(name string) bool { return Selects(BackBone, name) }); got != want.Parameters {
			t.Errorf("%s: %d parameters, torchvision has %d", name, got, want.Parameters)
		}
		products := int64(0)
		for _, layer := range size.Layers(LayerNames(Groups(cfg))) {
			if layer.Name != TheHead {
				products += layer.Products
			}
		}
		if products != want.Products {
			t.Errorf("%s: %d multiply-adds, torchvision has %d", name, products, want.Products)
		}
	}
}
