package preprocess

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

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
	p := &Picture{Width: width, Height: height, Point: &stage.Point{X: float64(width-1) / 2, Y: float64(height-1) / 2}}
	for i := range width * height {
		p.Pixels = append(p.Pixels, float32(i%width+100*(i/width)))
	}
	return p
}

// TestEveryStep is what all registered steps but decode must keep to.
func TestEveryStep(t *testing.T) {
	t.Parallel()
	tuned := map[string]Step{"crop": Crop{Around: "point", Pixels: 5}, "window": byImage}
	for _, name := range Steps.Names() {
		if name == "decode" {
			continue
		}
		part := tuned[name]
		if part == nil {
			one, _ := Steps.Default(name)
			part = one.Part
		}
		for _, size := range [][2]int{{1, 1}, {1, 7}, {9, 2}, {30, 40}} {
			p := ramp(size[0], size[1])
			want, err := part.Shape(Shape{1, p.Height, p.Width})
			if err != nil {
				t.Fatal(err)
			}
			if err := part.Apply(p); err != nil {
				t.Errorf("%s of %v: %v", name, size, err)
				continue
			}
			if got := (Shape{1, p.Height, p.Width}); got != want || len(p.Pixels) != p.Height*p.Width {
				t.Errorf("%s of %v gives %v with %d pixels, Shape says %v", name, size, got, len(p.Pixels), want)
			}
		}
		if part.Version() < 1 {
			t.Errorf("%s has no version", name)
		}
	}
}
