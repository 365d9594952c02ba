package model

import (
	"testing"

	"vertebra/stages/internal/parity"
)

// TestReleasesAreTorchvisions: each file that is said to be torchvision's is one that it publishes for
// that very net, of that size (testdata/releases.py).
func TestReleasesAreTorchvisions(t *testing.T) {
	t.Parallel()
	var ref struct{ Nets map[string]map[string]float64 }
	parity.Read(t, "testdata/releases.json", &ref)
	tried := 0
	for _, name := range Backbones.Names() {
		one, _ := Backbones.Default(name)
		published, ok := one.Part.(Published)
		if !ok {
			continue
		}
		for _, r := range published.Releases() {
			if r.By != "" {
				continue
			}
			tried++
			if size, there := ref.Nets[name][r.File]; !there || size != r.MiB {
				t.Errorf("%s: %s of %v MiB: torchvision has %v", name, r.File, r.MiB, ref.Nets[name])
			}
		}
	}
	if tried < 30 {
		t.Errorf("only %d files were looked at", tried)
	}
}
