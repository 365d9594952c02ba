package augment

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

var square = Size{Height: 8, Width: 8}

// TestEveryAugmentation is what all registered parts must keep to.
func TestEveryAugmentation(t *testing.T) {
	for _, name := range Augmentations.Names() {
		one, _ := Augmentations.Default(name)
		first := one.Part.Draw(stage.Rand(1, name), square)
		if again := one.Part.Draw(stage.Rand(1, name), square); first != again {
			t.Errorf("%s: one stream gave %+v and %+v", name, first, again)
		}
		if first.Gain <= 0 || first.Matrix.A*first.Matrix.E-first.Matrix.B*first.Matrix.D == 0 {
			t.Errorf("%s gave %+v, which loses the image", name, first)
		}
	}
}

func one(name string, part Augmentation) registry.One[Augmentation] {
	return registry.One[Augmentation]{Name: name, Part: part}
}

func TestDrawDependsOnSeedEpochAndSample(t *testing.T) {
	c := Config{one("rotate", Rotate{Degrees: 20}), one("shift", Shift{By: 0.2})}
	base := c.Draw(1, 1, "a", square)
	if base != c.Draw(1, 1, "a", square) {
		t.Error("the same draw differs")
	}
	for what, other := range map[string]Change{"seed": c.Draw(2, 1, "a", square), "epoch": c.Draw(1, 2, "a", square), "sample": c.Draw(1, 1, "b", square)} {
		if other == base {
			t.Errorf("another %s gave the same change", what)
		}
	}
}

// TestOrder: shifted by one to the right and then turned by a quarter, the
// image's centre lies above; what is drawn there comes from the input's centre.
func TestOrder(t *testing.T) {
	shift := Affine{A: 1, E: 1, C: -1}
	turn := rotation(90)
	m := shift.Then(turn)
	x, y := m.A*0+m.B*-1+m.C, m.D*0+m.E*-1+m.F
	if math.Hypot(x, y) > 1e-12 {
		t.Errorf("the place above the centre shows (%v, %v), want the input's centre", x, y)
	}
}

// ramp is an image whose pixel at row y, column x is (10·y + x) / 100.
func ramp(h, w int) []float32 {
	out := make([]float32, h*w)
	for i := range out {
		out[i] = float32(10*(i/w)+i%w) / 100
	}
	return out
}

func apply(t *testing.T, c Config, pixels []float32, h, w int64) (out []float32) {
	t.Helper()
	e, err := torch.Open(torch.Options{Device: "cpu", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	err = e.Do(t.Context(), func(s *torch.Scope) error {
		out = s.Float32s(c.Batch(s, s.FromFloat32(pixels, 1, 1, h, w), 1, 1, []string{"a"}))
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func closeTo(a, b []float32) bool {
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 1e-5 {
			return false
		}
	}
	return len(a) == len(b)
}

func TestFlipMirrorsExactly(t *testing.T) {
	in := ramp(4, 6)
	want := make([]float32, len(in))
	for i := range in {
		want[i] = in[i/6*6+5-i%6]
	}
	if got := apply(t, Config{one("flip", Flip{Horizontal: 1})}, in, 4, 6); !closeTo(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// quarter turns by exactly 90 degrees.
type quarter struct{}

func (quarter) Draw(*rand.Rand, Size) Change { return Change{Matrix: rotation(90), Gain: 1} }

// TestQuarterTurn: counter-clockwise, the last column becomes the first row.
func TestQuarterTurn(t *testing.T) {
	in := ramp(4, 4)
	want := make([]float32, 16)
	for y := range 4 {
		for x := range 4 {
			want[y*4+x] = in[x*4+3-y]
		}
	}
	if got := apply(t, Config{one("quarter", quarter{})}, in, 4, 4); !closeTo(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBrightnessMultipliesAndClips(t *testing.T) {
	part := Brightness{By: 0.5}
	gain := Config{one("brightness", part)}.Draw(1, 1, "a", square).Gain
	in := []float32{0, 0.4, 1, 1}
	got := apply(t, Config{one("brightness", part)}, in, 2, 2)
	want := []float32{0, float32(0.4 * gain), float32(min(gain, 1)), float32(min(gain, 1))}
	if !closeTo(got, want) {
		t.Errorf("gain %v gave %v, want %v", gain, got, want)
	}
}

func TestBorders(t *testing.T) {
	in := []float32{0.2, 0.4, 0.6, 0.8}
	right := shifted{x: -2} // two pixels of the output come from outside
	for fill, want := range map[string][]float32{
		"nearest": {0.2, 0.2, 0.2, 0.4}, "constant": {0, 0, 0.2, 0.4}, "reflect": {0.4, 0.2, 0.2, 0.4},
	} {
		if got := apply(t, Config{one("border", Border{Fill: fill}), one("shifted", right)}, in, 1, 4); !closeTo(got, want) {
			t.Errorf("%s: got %v, want %v", fill, got, want)
		}
	}
}

type shifted struct{ x float64 }

func (s shifted) Draw(*rand.Rand, Size) Change {
	return Change{Matrix: Affine{A: 1, E: 1, C: s.x}, Gain: 1}
}

func TestNoAugmentationTouchesNothing(t *testing.T) {
	in := ramp(3, 3)
	if got := apply(t, nil, in, 3, 3); !reflect.DeepEqual(got, in) {
		t.Errorf("got %v", got)
	}
}
