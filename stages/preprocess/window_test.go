package preprocess

import (
	"math"
	"slices"
	"testing"
)

func TestWindow(t *testing.T) {
	t.Parallel()
	p := ramp(11, 1)
	if err := (Window{Percentiles: [2]float64{10, 90}, Scope: "crop"}).Apply(p); err != nil {
		t.Fatal(err)
	}
	want := []float32{0, 0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 1}
	if !slices.Equal(p.Pixels, want) || len(p.Warnings) != 0 {
		t.Errorf("got %v with warnings %v, want %v", p.Pixels, p.Warnings, want)
	}
	p = &Picture{Channels: 1, Width: 2, Height: 1, Pixels: []float32{5, 15}, Series: func() (Statistics, error) { return values{0, 20}, nil }}
	if err := (Window{Percentiles: [2]float64{0, 100}, Scope: "series"}).Apply(p); err != nil || !slices.Equal(p.Pixels, []float32{0.25, 0.75}) {
		t.Errorf("by series: got %v, %v", p.Pixels, err)
	}
}

func TestWindowWithoutContrast(t *testing.T) {
	t.Parallel()
	p := &Picture{Width: 2, Height: 2, Pixels: []float32{7, 7, 7, 7}}
	if err := byCrop.Apply(p); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Pixels, make([]float32, 4)) || len(p.Warnings) != 1 {
		t.Errorf("got %v with warnings %q, want zeros and one warning", p.Pixels, p.Warnings)
	}
	p.Pixels[0] = float32(math.Inf(1))
	if err := (Window{Percentiles: [2]float64{0, 100}, Scope: "crop"}).Apply(p); err == nil {
		t.Error("an infinite range wants an error")
	}
}
