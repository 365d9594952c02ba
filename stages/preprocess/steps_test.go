package preprocess

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// reference is what testdata/make_reference.py computed.
type reference struct {
	Resize []struct {
		Height, Width, Side int
		Pixels, Want        []float32
	}
	Percentiles []struct {
		Values         []float32
		Percents, Want []float64
	}
}

func readReference(t *testing.T) reference {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// ramp is a picture whose value at (x, y) is x + 100y.
func ramp(width, height int) *Picture {
	p := &Picture{Channels: 1, Width: width, Height: height, Map: Identity}
	p.Case.Point = &stage.Point{X: float64(width-1) / 2, Y: float64(height-1) / 2}
	for i := range width * height {
		p.Pixels = append(p.Pixels, float32(i%width+100*(i/width)))
	}
	return p
}

// TestEveryStep is what all registered steps but decode must keep to.
func TestEveryStep(t *testing.T) {
	t.Parallel()
	tuned := map[string][]Step{
		"crop":      {Crop{Around: "point", Pixels: 5}, Crop{Around: "centre", Pixels: 4, Outside: "zero"}, Crop{Around: "centre", Fraction: 0.5}},
		"by_view":   {ByView{Of: map[string]registry.One[Step]{"a": {Name: "window", Part: byCrop}}, Else: &registry.One[Step]{Name: "window", Part: byCrop}}},
		"window":    {byCrop, Window{By: "min_max", Scope: "crop"}, Window{By: "maximum", Scope: "crop"}, Window{By: "tag", Number: 1}, Window{By: "range", Range: [2]float64{10, 90}}},
		"normalise": {Normalise{By: "z_score", Scope: "crop", Clip: 5}, Normalise{By: "caffe", Range: 255}},
		"equalise":  {Equalise{By: "histogram"}, Equalise{By: "clahe", ClipLimit: 2, Tiles: 8}},
		"resize": {Resize{Pixels: 8, By: "linear", Aspect: "pad"}, Resize{Pixels: 8, By: "area", Aspect: "crop"}, Resize{Pixels: 9, Height: 5, By: "cubic"},
			Resize{Pixels: 8, By: "lanczos"}},
	}
	for _, name := range Steps.Names() {
		if name == "decode" {
			continue
		}
		parts := tuned[name]
		if parts == nil {
			one, _ := Steps.Default(name)
			parts = []Step{one.Part}
		}
		for _, part := range parts {
			checkStep(t, name, part)
		}
	}
}

func checkStep(t *testing.T, name string, part Step) {
	t.Helper()
	for _, size := range [][2]int{{1, 1}, {1, 7}, {9, 2}, {30, 40}} {
		p := ramp(size[0], size[1])
		p.RowSpacing, p.ColumnSpacing, p.Shown.Windows = 0.7, 0.9, []dicom.Window{{Function: "LINEAR", Center: 40, Width: 80}}
		p.Neighbour = func(int) (*Picture, error) { return nil, nil }
		middle := p.Pixels[len(p.Pixels)/2]
		want, err := part.Shape(Shape{1, p.Height, p.Width})
		if err != nil {
			t.Fatal(err)
		}
		if err := part.Apply(p); err != nil {
			t.Errorf("%s of %v: %v", name, size, err)
			continue
		}
		got := Shape{p.Channels, p.Height, p.Width}
		if want.Width == 0 {
			want.Width, want.Height = got.Width, got.Height
		}
		if got != want || p.check() != nil {
			t.Errorf("%+v of %v gives %v with %d pixels, Shape says %v", part, size, got, len(p.Pixels), want)
		}
		if v, ok := part.(Scaler); ok {
			if out, err := v.Values(Unit); err == nil && out == Unit && middle > 1 {
				for _, x := range p.Pixels {
					if n, isNormalise := part.(Normalise); (!isNormalise || n.By == "z_score") && (x < 0 || x > 1) {
						t.Errorf("%+v promises values from 0 to 1, gives %v", part, x)
						break
					}
				}
			}
		}
	}
	if part.Version() < 1 {
		t.Errorf("%s has no version", name)
	}
}
