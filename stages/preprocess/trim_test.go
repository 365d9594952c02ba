package preprocess

import (
	"math"
	"testing"

	"vertebra/stages/stage"
)

// TestTrimKeepsPoints: places of the file are where they were in the picture.
func TestTrimKeepsPoints(t *testing.T) {
	t.Parallel()
	p := &Picture{Channels: 1, Width: 20, Height: 10, Map: Identity, Pixels: make([]float32, 200)}
	for y := 3; y < 7; y++ {
		for x := 8; x < 15; x++ {
			p.Pixels[y*20+x] = 1
		}
	}
	if err := (Trim{By: "above", Above: 0.5, Keep: "all", Margin: 0.3}).Apply(p); err != nil {
		t.Fatal(err)
	}
	// the longer side has 7 pixels, of which the margin takes 2
	if got := p.Map.Of(stage.Point{X: 8, Y: 3}); p.Width != 11 || p.Height != 8 || got != (stage.Point{X: 2, Y: 2}) {
		t.Errorf("%d×%d, the corner is at %v", p.Width, p.Height, got)
	}
}

// TestTrimOfOddPictures: no foreground is no mistake, and a value that is no number is one.
func TestTrimOfOddPictures(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"above", "otsu"} {
		for _, keep := range []string{"all", "largest"} {
			step := Trim{By: by, Above: 0.99, Keep: keep, Margin: 1}
			blank := &Picture{Channels: 1, Width: 4, Height: 3, Map: Identity, Pixels: make([]float32, 12)}
			if err := step.Apply(blank); err != nil || blank.Width != 4 || blank.Height != 3 {
				t.Errorf("%+v of a blank picture: %d×%d, %v", step, blank.Width, blank.Height, err)
			}
			huge := &Picture{Channels: 1, Width: 2, Height: 1, Map: Identity, Pixels: []float32{-math.MaxFloat32, math.MaxFloat32}}
			if err := step.Apply(huge); err != nil || huge.Width < 1 {
				t.Errorf("%+v of the largest numbers: %v", step, err)
			}
			for _, v := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
				odd := &Picture{Channels: 1, Width: 2, Height: 1, Map: Identity, Pixels: []float32{0, v}}
				if err := step.Apply(odd); err == nil {
					t.Errorf("%+v took %v", step, v)
				}
			}
		}
	}
}
