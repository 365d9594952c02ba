package preprocess

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/stage"
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

// TestWindowOfGivenValues: the range of a CT window is the values' own.
func TestWindowOfGivenValues(t *testing.T) {
	t.Parallel()
	p := &Picture{Channels: 1, Width: 4, Height: 1, Pixels: []float32{-1000, -160, 40, 400}}
	w := Window{By: "range", Percentiles: [2]float64{1, 99}, Range: [2]float64{-160, 240}, Scope: "series"}
	if err := errors.Join(w.Validate(), w.Apply(p)); err != nil || !slices.Equal(p.Pixels, []float32{0, 0, 0.5, 1}) {
		t.Errorf("got %v, %v", p.Pixels, err)
	}
	if w.Range = [2]float64{255, 0}; w.Validate() == nil {
		t.Error("a range from 255 to 0 wants an error")
	}
	if got := w.Needs(); got != (Needs{}) {
		t.Errorf("it needs %+v, want nothing", got)
	}
}

// TestImageWithoutSeries: the series of an image that belongs to none is that image.
func TestImageWithoutSeries(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2)
	for i := range b.cases.Cases {
		b.cases.Cases[i].Series = ""
	}
	bySlice := bySeries
	bySlice.Scope = "slice"
	got, _ := b.run(t, t.TempDir(), 2, steps(crop, bySeries, Resize{Pixels: 16}))
	want, _ := b.run(t, t.TempDir(), 2, steps(crop, bySlice, Resize{Pixels: 16}))
	if got.Len() == 0 || got.Len() != want.Len() {
		t.Fatalf("got %d images, want %d", got.Len(), want.Len())
	}
	for i := range got.Len() {
		if !bytes.Equal(got.Bytes(i), want.Bytes(i)) {
			t.Fatalf("image %d differs from the one by slice", i)
		}
	}
	_, err := Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 2}, steps(crop, bySlice, Stack{Slices: 3, Stride: 1}, Resize{Pixels: 16}), b.cases)
	if err == nil || !strings.Contains(err.Error(), "belongs to no series") {
		t.Errorf("stack: got %v, want it to belong to no series", err)
	}
}
