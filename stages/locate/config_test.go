package locate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
)

// TestValidate: what would move pixels away from their points is refused, also within a choice.
func TestValidate(t *testing.T) {
	if err := (Config{}).Defaults().Validate(); err != nil {
		t.Fatal(err)
	}
	step := func(name string, p preprocess.Step) registry.One[preprocess.Step] {
		return registry.One[preprocess.Step]{Name: name, Part: p}
	}
	decode, window := part(preprocess.Steps, "decode"), part(preprocess.Steps, "window")
	turned := decode.Part.(preprocess.Decode)
	turned.Orientation = "exif"
	mixup := part(augment.Augmentations, "mixup")
	for want, change := range map[string]func(*Config){
		"pixels: 100 is no multiple of 32":             func(c *Config) { c.Pixels = 100 },
		"resize does not leave each pixel where it is": func(c *Config) { c.Preprocess = append(c.Preprocess, part(preprocess.Steps, "resize")) },
		"decode.orientation exif turns images":         func(c *Config) { c.Preprocess = preprocess.Config{step("decode", turned), window} },
		"values of the file, and are stored":           func(c *Config) { c.Preprocess = preprocess.Config{decode} },
		"mixup makes one image of two":                 func(c *Config) { c.Augment = augment.Config{mixup} },
		"one_of makes one image of two, which has no": func(c *Config) {
			c.Augment = augment.Config{{Name: "one_of", Part: augment.OneOf{Of: []registry.One[augment.Augmentation]{mixup}, When: augment.Always}}}
		},
	} {
		c := Config{}.Defaults()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestInput: what the step normalise says of how pixels enter a net holds for this one, too.
func TestInput(t *testing.T) {
	c := Config{}.Defaults()
	n := preprocess.Normalise{By: "z_score", Scope: "slice", Clip: 5, TrainScale: 1}
	c.Preprocess = append(c.Preprocess[:1:1], registry.One[preprocess.Step]{Name: "normalise", Part: n})
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if in := c.Model().Input; !slices.Equal(in.Mean, []float64{0.5, 0.5, 0.5}) || !slices.Equal(in.Std, []float64{0.1, 0.1, 0.1}) {
		t.Errorf("got mean %v, std %v", in.Mean, in.Std)
	}
}

// TestQuantile: so large a share of the points is at most as far off.
func TestQuantile(t *testing.T) {
	for n, want := range map[int][2]float64{1: {1, 1}, 2: {1, 2}, 10: {5, 9}, 11: {6, 10}, 70: {35, 63}} {
		var m misses
		for i := range n {
			m.add(float64(n-i), 10)
		}
		if got := [2]float64{m.quantile(0.5), m.quantile(0.9)}; got != want {
			t.Errorf("of %d: got %v, want %v", n, got, want)
		}
	}
}

// TestReadable: points of images that could not be looked at count neither as found nor as missed,
// and one that was looked for in vain is on no image.
func TestReadable(t *testing.T) {
	truth := map[string]spot{"a": {image: "seen.png"}, "b": {image: "broken.png"}}
	left := readable([]Wanted{{Case: "a", Image: "seen.png"}, {Case: "b", Image: "broken.png"}}, truth, map[string]bool{"seen.png": true})
	if len(left) != 1 || left[0].Case != "a" {
		t.Errorf("left are %+v", left)
	}
	all, err := (&run{}).compare(left, nil, truth)
	if err != nil || len(all) != 1 || all[0].Image != "" {
		t.Errorf("got %+v, %v", all, err)
	}
}

// TestCaptions: what could not be found, or measured, is told as such.
func TestCaptions(t *testing.T) {
	found := func(image string, far float64) looked {
		return looked{Found: Found{Wanted: Wanted{Name: "a", Image: image}}, truth: spot{image: "1"}, distance: far}
	}
	for want, one := range map[string]looked{
		"a · not found": found("", math.Inf(1)), "a · found on another slice": found("2", math.Inf(1)),
		"a · found on another slice, 3 mm away": found("2", 3), "a · 3 mm away": found("1", 3),
	} {
		if got := one.caption("mm"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
