package model

import (
	"slices"
	"testing"

	"vertebra/stages/internal/parity"
)

// TestReleasesAreTorchvisions: each file that is said to be torchvision's is one that it publishes for
// that very net, of that size, for pixels of that mean and std (testdata/releases.py).
func TestReleasesAreTorchvisions(t *testing.T) {
	t.Parallel()
	var ref struct {
		Nets   map[string]map[string]float64
		Pixels map[string][2][]float64
	}
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
			pixels := ref.Pixels[r.File]
			if !slices.Equal(threeOf(r.Mean), pixels[0]) || !slices.Equal(threeOf(r.Std), pixels[1]) {
				t.Errorf("%s: %s is for pixels of mean %v and std %v: torchvision has %v", name, r.File, r.Mean, r.Std, pixels)
			}
		}
	}
	if tried < 30 {
		t.Errorf("only %d files were looked at", tried)
	}
}

// threeOf has a number for each colour.
func threeOf(numbers []float64) []float64 {
	if len(numbers) == 1 {
		return slices.Repeat(numbers, 3)
	}
	return numbers
}
