package augment

import (
	"slices"
	"testing"

	"vertebra/stages/internal/torch"
)

// TestColoursOfViews: each view's three channels are changed as those of an image by itself.
func TestColoursOfViews(t *testing.T) {
	const side = 4
	one := []float32{}
	for i := range 2 * 3 * side * side {
		one = append(one, 0.1+0.8*float32(i*37%101)/101)
	}
	half := len(one) / 2
	for _, name := range []string{"saturation: {by: 1}", "hue: {by: 0.5}", "stain: {by: 0.3}"} {
		do(t, func(s *torch.Scope) {
			recipe := parse(t, "["+name+"]")
			colours := func(pixels []float32, channels int64) []float32 {
				b := Batch{Images_BCHW: s.FromFloat32(pixels, 1, channels, side, side), Samples: names(1), Colours: true, Epoch: 1}
				return s.Float32s(recipe.Apply(s, b).Images_BCHW)
			}
			apart := slices.Concat(colours(one[:half], 3), colours(one[half:], 3))
			if got := colours(one, 6); !slices.Equal(got, apart) || slices.Equal(got, one) {
				t.Errorf("%s: got %v, each by itself %v", name, got, apart)
			}
			grey := s.Float32s(recipe.Apply(s, Batch{Images_BCHW: s.FromFloat32(one, 1, 6, side, side), Samples: names(1), Slices: 6, Epoch: 1}).Images_BCHW)
			if !slices.Equal(grey, one) {
				t.Errorf("%s changed six grey slices", name)
			}
		})
	}
}

// TestIdleColours: what is for colours has no effect on grey images.
func TestIdleColours(t *testing.T) {
	t.Parallel()
	c := parse(t, "[hue, rotate, {one_of: {of: [saturation, stain]}}]")
	var got []string
	for _, f := range c.Idle(1, Stack{}) {
		got = append(got, f.Path)
	}
	if want := []string{"0.hue", "2.one_of.of.0.saturation", "2.one_of.of.1.stain"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if all := c.Idle(1, Stack{Colours: true}); len(all) > 0 {
		t.Errorf("colours: %v", all)
	}
}
