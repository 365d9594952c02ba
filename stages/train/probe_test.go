package train

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
)

// TestProbe: a net answers a probe as it did, whatever it did between, and one of other
// weights answers otherwise.
func TestProbe(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	shape := b.images.Shape()
	probe := func() []float32 {
		t.Helper()
		logits, err := Probe(t.Context(), b.net, shape)
		if err != nil {
			t.Fatal(err)
		}
		return logits
	}
	first := probe()
	if len(first) != probes*3 || Differ(first[:3], first[3:]) == 0 {
		t.Errorf("got %v, want 3 logits of each of %d images", first, probes)
	}
	if _, err := Predict(t.Context(), b.env, config(0.3, phase("all", 1, "all")), b.net, b.images); err != nil {
		t.Fatal(err)
	}
	if again := probe(); !slices.Equal(first, again) {
		t.Errorf("after predictions: got %v, want %v", again, first)
	}
	set := func(change func(data []float32)) {
		t.Helper()
		if err := b.net.Engine().Do(t.Context(), func(s *torch.Scope) error {
			tensors := b.net.Tensors(s)
			change(tensors["fc.weight"].Data)
			return b.net.Load(s, tensors)
		}); err != nil {
			t.Fatal(err)
		}
	}
	set(func(data []float32) {
		for i := range len(data) / 3 { // of the first class
			data[i]++
		}
	})
	if far := Differ(probe(), first); far < 0.01 {
		t.Errorf("with another weight the answers differ by %v", far)
	}
	set(func(data []float32) { data[0] = float32(math.NaN()) })
	if _, err := Probe(t.Context(), b.net, shape); err == nil || !strings.Contains(err.Error(), "answers images of noise with NaN") {
		t.Errorf("got %v", err)
	}
}

// TestNoiseStays: packages hold what nets said of these pixels.
func TestNoiseStays(t *testing.T) {
	t.Parallel()
	got, want := noise(3), []float32{0.69701976, 0.91423124, 0.71907985}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDiffer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		got, want []float32
		far       float64
	}{
		{[]float32{1, 2}, []float32{1, 2}, 0},
		{[]float32{0.5, 0}, []float32{0.25, 0}, 0.25},
		{[]float32{8, -2}, []float32{8, -4}, 0.25},
		{[]float32{1}, []float32{1, 2}, math.Inf(1)},
	} {
		if far := Differ(c.got, c.want); far != c.far {
			t.Errorf("%v and %v: got %v, want %v", c.got, c.want, far, c.far)
		}
	}
}

// TestAlone: of a checkpoint the weights are kept to the bit, and what they want said.
func TestAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := safetensors.File{
		Tensors:  map[string]safetensors.Tensor{"w": {Shape: []int64{2}, Data: []float32{1e-30, float32(math.Copysign(0, -1))}}},
		Metadata: map[string]string{"settings": "secret", "data": "f00", "lora_alpha": "4"},
	}
	if err := safetensors.Write(filepath.Join(dir, "best.safetensors"), f); err != nil {
		t.Fatal(err)
	}
	got, err := Alone(Folder(dir))
	if err != nil {
		t.Fatal(err)
	}
	f.Metadata = map[string]string{"format": "pt", "lora_alpha": "4"}
	var want bytes.Buffer
	if err := safetensors.Encode(&want, f); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%v; got %q, want %q", err, got, want.Bytes())
	}
	if err := os.WriteFile(filepath.Join(dir, "final.safetensors"), []byte("cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Alone(Folder(dir)); err == nil || !strings.Contains(err.Error(), "final.safetensors: not a safetensors file") {
		t.Errorf("got %v", err)
	}
	if _, err := Alone(Folder(filepath.Join(dir, "none"))); err == nil || !strings.Contains(err.Error(), "must be where --runs says") {
		t.Errorf("got %v", err)
	}
}
