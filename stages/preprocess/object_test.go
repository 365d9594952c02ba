package preprocess

import (
	"math"
	"slices"
	"testing"

	"vertebra/stages/stage"
)

// TestStoredPicturesComeBack wants what is stored to be read as what the run goes on
// with: exactly what it was where a small type holds that, and rounded by at most a
// 131,000th of its range elsewhere.
func TestStoredPicturesComeBack(t *testing.T) {
	t.Parallel()
	for kind, pixels := range map[string][]float32{
		"level":   {0, 1, 7.0 / 255, 0.2},
		"uint16":  {0, 65535, 300, 2},
		"int16":   {-5, 32767, 0, 2},
		"scaled":  {0.1, -1234.5, 999.25, 3},
		"float32": {float32(math.Inf(1)), 0.5, 1, 2},
	} {
		p := &Picture{Channels: 1, Width: 2, Height: 2, Pixels: slices.Clone(pixels), RowSpacing: 0.5, Map: Identity, Warnings: []string{"odd"}}
		data, err := encodePicture(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		if p.storage.kind != kind {
			t.Errorf("%v: got type %s, want %s", pixels, p.storage.kind, kind)
		}
		again, err := encodePicture(p, make([]byte, 7))
		if err != nil || !slices.Equal(again, data) {
			t.Errorf("%s: stored again it differs: %v", kind, err)
		}
		got := &Picture{}
		if err := decodePicture(data[recordHead:], got); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Pixels, p.Pixels) || got.RowSpacing != 0.5 || got.Map != Identity || !slices.Equal(got.Warnings, p.Warnings) {
			t.Errorf("%s: got %+v back, want %+v", kind, got, p)
		}
		most := 0.0
		for i, v := range got.Pixels {
			most = max(most, math.Abs(float64(v)-float64(pixels[i])))
		}
		if limit := (999.25 + 1234.5) / 131000; kind == "scaled" && !(most <= limit) || kind != "scaled" && !slices.Equal(got.Pixels, pixels) {
			t.Errorf("%s: got %v, off by %g from %v", kind, got.Pixels, most, pixels)
		}
	}
}

// TestNotANumberIsStored keeps what is wrong with a picture for whoever is to tell.
func TestNotANumberIsStored(t *testing.T) {
	t.Parallel()
	p := &Picture{Channels: 1, Width: 3, Height: 1, Pixels: []float32{0.3, float32(math.NaN()), 0.7}, Case: stage.Case{ID: "a"}}
	if _, err := encodePicture(p, nil); err != nil || p.storage.kind != "float32" || p.Pixels[1] == p.Pixels[1] {
		t.Errorf("got %v of type %s, %v; want the NaN kept as float32", p.Pixels, p.storage.kind, err)
	}
}

// FuzzStored reads stored pictures and histograms that anything may have happened to.
func FuzzStored(f *testing.F) {
	for _, pixels := range [][]float32{{0, 1}, {0.25, 300.5}, {3, 700}} {
		data, err := encodePicture(&Picture{Channels: 1, Width: 2, Height: 1, Pixels: pixels}, nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[recordHead:])
		if data, err = encodeHistogram(histogramOf(pixels), counted{Files: 1}); err != nil {
			f.Fatal(err)
		}
		f.Add(data[recordHead:])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &Picture{}
		if err := decodePicture(data, p); err == nil && p.check() != nil {
			t.Errorf("got a picture of %d×%d×%d with %d pixels", p.Channels, p.Height, p.Width, len(p.Pixels))
		}
		if h, _, err := decodeHistogram(data); err == nil && len(h.Values) != len(h.Counts) {
			t.Errorf("got %d values and %d counts", len(h.Values), len(h.Counts))
		}
	})
}
