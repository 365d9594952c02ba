package asking

import (
	"math"
	"testing"

	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// TestInverse: a place of the shown picture leads back to the pixel of the file that is drawn there.
func TestInverse(t *testing.T) {
	t.Parallel()
	quarter := preprocess.Map{XY: -1, X0: 99, YX: 1} // a picture that was turned
	for _, m := range []preprocess.Map{preprocess.Identity, quarter, {XX: 2, X0: 3, YY: 0.5, Y0: -1, XY: 0.25}} {
		for _, every := range []int{1, 2, 3, 4} {
			back, err := inverse(m, every)
			if err != nil {
				t.Fatal(err)
			}
			x, y := 5.0, 7.0 // of the shown picture, which shows this pixel of the decoded one:
			decoded := stage.Point{X: x*float64(every) + float64((every-1)/2), Y: y*float64(every) + float64((every-1)/2)}
			file := stage.Point{X: back[0]*x + back[1]*y + back[2], Y: back[3]*x + back[4]*y + back[5]}
			if got := m.Of(file); math.Hypot(got.X-decoded.X, got.Y-decoded.Y) > 1e-9 {
				t.Errorf("%+v, every %d: (%v, %v) leads to %v, and that lies at %v, not %v", m, every, x, y, file, got, decoded)
			}
		}
	}
	if _, err := inverse(preprocess.Map{}, 1); err == nil {
		t.Error("a map that leads nowhere was taken")
	}
}

// TestPainted: every so manieth pixel of a large picture, in colour, between its ends.
func TestPainted(t *testing.T) {
	t.Parallel()
	p := preprocess.Picture{Channels: 3, Width: 6, Height: 4, Pixels: make([]float32, 72)}
	for i := range 24 {
		p.Pixels[i], p.Pixels[24+i], p.Pixels[48+i] = float32(i), float32(2*i), 100
	}
	img := painted(&p, 2)
	if size := img.Bounds(); size.Dx() != 3 || size.Dy() != 2 {
		t.Fatalf("it has %v", size)
	}
	if r, g, b, _ := img.At(1, 1).RGBA(); r>>8 != 36 || g>>8 != 71 || b>>8 != 255 { // pixel 14 of 255/100 each: nothing is cut off so few
		t.Errorf("got %d, %d, %d", r>>8, g>>8, b>>8)
	}
	p.Pixels[3] = float32(math.NaN())
	if low, high := ends(&p); low != 0 || high != 100 {
		t.Errorf("without a window: %v to %v", low, high)
	}
	flat := preprocess.Picture{Pixels: []float32{7, 7, 7}}
	if low, high := ends(&flat); low != 7 || high != 8 {
		t.Errorf("flat: %v to %v", low, high)
	}
}
