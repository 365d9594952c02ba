package augment

import (
	"math"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func init() {
	for name, e := range map[string]struct{ strong, zero string }{
		"posterize": {"", "{p: 0}"}, "solarize": {"", "{p: 0}"}, "autocontrast": {"{p: 1}", "{p: 0}"}, "sharpness": {"", "{by: 0}"},
		"trivial_augment": {"{of: [rotate, shear_vertical, brightness, solarize, autocontrast]}", "{of: [identity]}"},
		"rand_augment":    {"{operations: 3}", "{of: [identity, rotate, shift_vertical, contrast, sharpness], strength: 0}"},
	} {
		examples[name] = e
	}
}

// TestOperationsGoAsFar as torchvision's at the same levels, both ways where they have a direction.
func TestOperationsGoAsFar(t *testing.T) {
	t.Parallel()
	var ref struct {
		Height, Width float64
		Levels        []int
		Spaces        map[string]map[string]struct {
			Magnitudes []float64
			Signed     bool
		}
	}
	parity.Read(t, "testdata/operations.json", &ref)
	size := Size{Height: ref.Height, Width: ref.Width}
	degrees := func(v float64) float64 { return math.Tan(v * math.Pi / 180) }
	magnitude := map[string]func(n []float64) float64{
		"ShearX": func(n []float64) float64 { return degrees(n[0]) }, "ShearY": func(n []float64) float64 { return degrees(n[1]) },
		"TranslateX": func(n []float64) float64 { return n[0] * size.Width }, "TranslateY": func(n []float64) float64 { return n[1] * size.Height },
		"Rotate": func(n []float64) float64 { return n[0] }, "Posterize": func(n []float64) float64 { return n[0] }, "Solarize": func(n []float64) float64 { return 255 * n[0] },
	}
	for _, name := range []string{"Brightness", "Color", "Contrast", "Sharpness"} {
		magnitude[name] = func(n []float64) float64 { return n[0] - 1 }
	}
	called := map[string]string{"shear_horizontal": "ShearX", "shear_vertical": "ShearY", "shift_horizontal": "TranslateX", "shift_vertical": "TranslateY",
		"rotate": "Rotate", "brightness": "Brightness", "saturation": "Color", "contrast": "Contrast", "sharpness": "Sharpness", "posterize": "Posterize", "solarize": "Solarize"}
	for policy, s := range map[string]strengths{"trivial_augment": policies["wide"], "rand_augment": policies["narrow"]} {
		compared := 0
		for _, o := range operations {
			want, there := ref.Spaces[policy][called[o.name]]
			if !there {
				continue
			}
			for i, level := range ref.Levels {
				v := float64(level) / (levels - 1)
				got, back := magnitude[called[o.name]](o.numbers(s, v, size)), magnitude[called[o.name]](o.numbers(s, -v, size))
				mirrored := want.Magnitudes[i]
				if want.Signed {
					mirrored = -mirrored
				}
				if !(math.Abs(got-want.Magnitudes[i]) <= 1e-4) || !(math.Abs(back-mirrored) <= 1e-4) {
					t.Errorf("%s: %s at level %d is %g and %g, want %g, signed: %v", policy, o.name, level, got, back, want.Magnitudes[i], want.Signed)
				}
				compared++
			}
		}
		if compared != 33 {
			t.Errorf("%s: %d numbers were compared", policy, compared)
		}
	}
}

// TestOperationsAreChosenAlike: each of the list as often as any other, identity among them.
func TestOperationsAreChosenAlike(t *testing.T) {
	t.Parallel()
	const n = 6000
	for name, choice := range map[string]Choice{"trivial": TrivialAugment{Of: ofGrey()}, "rand": RandAugment{Of: ofGrey(), Operations: 2}} {
		counts, rounds := map[string]int{}, 1
		if name == "rand" {
			rounds = 2
		}
		all, none := choice.Members(), 0
		for seed := range uint64(n) {
			chosen := choice.Choose(stage.Rand(seed, name))
			got := 0
			for _, at := range chosen {
				if at < len(all) {
					counts[all[at].Name]++
					got++
				}
			}
			none += rounds - got
		}
		counts["identity"] = none
		want := float64(rounds*n) / 12
		for _, operation := range ofGrey() {
			if c := float64(counts[operation]); math.Abs(c-want) > 5*math.Sqrt(want) {
				t.Errorf("%s: %s came %g times, want about %g", name, operation, c, want)
			}
		}
	}
}

// TestOperationsThatAreNone are refused.
func TestOperationsThatAreNone(t *testing.T) {
	t.Parallel()
	for want, choice := range map[string]interface{ Validate() error }{
		`no operation "equalize" (known: identity, `: TrivialAugment{Of: []string{"equalize"}, When: Always},
		"rotate stands there twice":                  RandAugment{Of: []string{"rotate", "rotate"}, When: Always},
	} {
		if err := choice.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestAutocontrastOfOneGrey leaves it, beside an image that it stretches.
func TestAutocontrastOfOneGrey(t *testing.T) {
	do(t, func(s *torch.Scope) {
		x := s.FromFloat32([]float32{0.25, 0.25, 0.25, 0.25, 0.25, 0.5, 0.25, 0.75}, 2, 1, 2, 2)
		recipe := Config{registry.One[Augmentation]{Name: "autocontrast", Part: Autocontrast{When: Always}}}
		got := s.Float32s(recipe.Apply(s, Batch{Images_BCHW: x, Samples: names(2), Epoch: 1}).Images_BCHW)
		for i, want := range []float32{0.25, 0.25, 0.25, 0.25, 0, 0.5, 0, 1} {
			if !(math.Abs(float64(got[i]-want)) <= 1e-6) {
				t.Errorf("got %v", got)
				break
			}
		}
	})
}
