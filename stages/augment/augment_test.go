package augment

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

var square = Size{Height: 8, Width: 8}

// ramp is an image whose pixel at row y, column x is (10·y + x) / 100.
func ramp(h, w int) []float32 {
	out := make([]float32, h*w)
	for i := range out {
		out[i] = float32(10*(i/w)+i%w) / 100
	}
	return out
}

func apply(t *testing.T, c Config, pixels []float32, h, w int64) (out []float32) {
	do(t, func(s *torch.Scope) {
		b := Batch{Images_BCHW: s.FromFloat32(pixels, 1, 1, h, w), Samples: []string{"a"}, Seed: 1, Epoch: 1}
		out = s.Float32s(c.Apply(s, b).Images_BCHW)
	})
	return out
}

// TestOrder: shifted by one to the right and then turned by a quarter, the
// image's centre lies above; what is drawn there comes from the input's centre.
func TestOrder(t *testing.T) {
	m := translation(1, 0).times(rotation(90))
	if x, y := m.at(0, -1); !(math.Hypot(x, y) <= 1e-12) {
		t.Errorf("the place above the centre shows (%v, %v), want the input's centre", x, y)
	}
}

// TestQuarterTurn: counter-clockwise, the last column becomes the first row.
func TestQuarterTurn(t *testing.T) {
	in, want := ramp(4, 4), make([]float32, 16)
	for y := range 4 {
		for x := range 4 {
			want[y*4+x] = in[x*4+3-y]
		}
	}
	do(t, func(s *torch.Scope) {
		got := s.Float32s(show(s, s.FromFloat32(in, 1, 1, 4, 4), rotation(90), Size{Height: 4, Width: 4}))
		if !(apart(got, want, 4, 4, 0) <= 1e-5) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestInverse(t *testing.T) {
	m := Perspective{}.Matrix([]float64{0.1, 0.05, 0.2, 0.1, 0, 0.15, 0.12, 0.03}, square)
	product := m.times(m.inverse())
	for i, v := range product {
		if !(math.Abs(v/product[8]-Identity[i]) <= 1e-12) {
			t.Errorf("matrix times inverse is %v", product)
		}
	}
}

func TestBorders(t *testing.T) {
	in := []float32{0.2, 0.4, 0.6, 0.8}
	for text, want := range map[string][]float32{
		"{fill: nearest}": {0.2, 0.2, 0.2, 0.4}, "{fill: constant}": {0, 0, 0.2, 0.4},
		"{fill: constant, value: 0.5}": {0.5, 0.5, 0.2, 0.4}, "{fill: reflect}": {0.4, 0.2, 0.2, 0.4},
	} {
		var p plan
		parse(t, "[border: "+text+"]")[0].Part.(Setting).set(&p.sampling)
		p.size, p.batch.Samples = Size{Height: 1, Width: 4}, []string{"a"}
		p.leaves = []leaf{{part: Shift{}, draws: []draw{{on: true, numbers: []float64{0.5, 0}}}}}
		do(t, func(s *torch.Scope) {
			warped, _ := p.warp(s, s.FromFloat32(in, 1, 1, 1, 4))
			got := s.Float32s(warped)
			if !(apart(got, want, 1, 4, 0) <= 1e-6) {
				t.Errorf("%s: got %v, want %v", text, got, want)
			}
		})
	}
}

// TestGeometryKeepsTheRange: cubic curves go beyond the pixels that they pass through, and
// a border of a value other than 0 is added with rounding; gamma makes what is below 0 no
// number at all.
func TestGeometryKeepsTheRange(t *testing.T) {
	const n = 16
	pixels := make([]float32, n*channels*height*width) // black and white
	for i := range pixels {
		pixels[i] = float32(stage.Hash(1, "pixel", i) % 2)
	}
	for _, setting := range []string{"interpolation: {method: bicubic}", "interpolation: {method: bicubic}, border: {fill: constant, value: 0.3}", "border: {fill: constant, value: 0.3}", "border: {fill: reflect}"} {
		c := parse(t, "["+setting+", rotate: {degrees: 30}, zoom: {by: 0.5}, gamma: {by: 1}]")
		do(t, func(s *torch.Scope) {
			b := Batch{Images_BCHW: images(s, pixels), Samples: names(n), Seed: 4, Epoch: 1}
			for _, recipe := range []Config{c, c[:len(c)-1]} {
				out := 0
				for _, v := range s.Float32s(recipe.Apply(s, b).Images_BCHW) {
					if !(v >= 0 && v <= 1+1e-6) {
						out++
					}
				}
				if out > 0 {
					t.Errorf("%s: %d of %d pixels are outside 0 to 1", setting, out, len(pixels))
				}
			}
		})
	}
}

func TestNoAugmentationTouchesNothing(t *testing.T) {
	in := ramp(3, 3)
	for _, c := range []Config{nil, parse(t, "[elastic: {p: 0}, blur: {p: 0}]"), parse(t, "[rotate: {from: 2}]")} {
		if got := apply(t, c, in, 3, 3); !reflect.DeepEqual(got, in) {
			t.Errorf("%v: got %v", c, got)
		}
	}
}

// works says in which of the first epochs an entry works on a sample.
func works(c Config, epochs int) (out []bool) {
	for epoch := 1; epoch <= epochs; epoch++ {
		p := c.plan(Batch{Samples: []string{"a"}, Epoch: epoch}, square)
		out = append(out, len(p.leaves) > 0 && p.leaves[0].draws[0].on)
	}
	return out
}

func TestFromAndUntil(t *testing.T) {
	for text, want := range map[string][]bool{
		"[blur: {from: 3}]":                                 {false, false, true, true, true},
		"[blur: {until: 2}]":                                {true, true, false, false, false},
		"[blur: {from: 2, until: 4}]":                       {false, true, true, true, false},
		"[one_of: {of: [blur: {from: 3}], until: 4}]":       {false, false, true, true, false},
		"[some_of: {of: [blur], at_most: 1, from: 5}]":      {false, false, false, false, true},
		"[one_of: {of: [blur: {until: 1}], from: 2, p: 1}]": {false, false, false, false, false},
	} {
		if got := works(parse(t, text), 5); !reflect.DeepEqual(got, want) {
			t.Errorf("%s works in %v, want %v", text, got, want)
		}
	}
}

// share counts how often each leaf works on many samples.
func share(t *testing.T, text string) map[string]float64 {
	const n = 4000
	p := parse(t, text).plan(Batch{Samples: names(n), Epoch: 1}, square)
	out := map[string]float64{}
	for _, l := range p.leaves {
		out[l.name] = float64(len(l.active())) / n
	}
	return out
}

// TestChances: entries work as often as p, weights and counts say, within four
// standard errors.
func TestChances(t *testing.T) {
	for text, want := range map[string]map[string]float64{
		"[blur: {p: 0.3}, gamma]":                                      {"blur": 0.3, "gamma": 1},
		"[one_of: {of: [blur, gamma, noise], p: 0.6}]":                 {"one_of/blur": 0.2, "one_of/gamma": 0.2, "one_of/noise": 0.2},
		"[one_of: {of: [blur, gamma: {p: 0.5}], weights: [1, 3]}]":     {"one_of/blur": 0.25, "one_of/gamma": 0.375},
		"[one_of: {of: [blur, gamma], weights: [0, 2]}]":               {"one_of/blur": 0, "one_of/gamma": 1},
		"[some_of: {of: [blur, gamma, noise], at_most: 3}]":            {"some_of/blur": 2.0 / 3, "some_of/gamma": 2.0 / 3, "some_of/noise": 2.0 / 3},
		"[some_of: {of: [blur, blur], at_least: 0, at_most: 1}]":       {"some_of/blur": 0.25, "some_of/blur 2": 0.25},
		"[one_of: {of: [some_of: {of: [blur, gamma]}, noise]}, noise]": {"one_of/some_of/blur": 0.375, "one_of/some_of/gamma": 0.375, "one_of/noise": 0.5, "noise": 1},
	} {
		got := share(t, text)
		for name, p := range want {
			if !(math.Abs(got[name]-p) <= 4*math.Sqrt(p*(1-p)/4000)+1e-12) {
				t.Errorf("%s: %s works on %.3f of the images, want %.3f", text, name, got[name], p)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: got the leaves %v", text, got)
		}
	}
}

// TestEntriesKeepTheirDraws: what is put before an entry does not change what it
// draws, and neither does its p.
func TestEntriesKeepTheirDraws(t *testing.T) {
	numbers := func(text string) []float64 {
		p := parse(t, text).plan(Batch{Samples: []string{"a"}, Seed: 3, Epoch: 1}, square)
		return p.leaves[len(p.leaves)-1].draws[0].numbers
	}
	base := numbers("[rotate]")
	for _, text := range []string{"[blur, rotate]", "[rotate: {p: 0.9999}]", "[flip, one_of: {of: [gamma]}, rotate]"} {
		if got := numbers(text); !reflect.DeepEqual(got, base) {
			t.Errorf("%s drew %v, want %v", text, got, base)
		}
	}
	if reflect.DeepEqual(numbers("[rotate, rotate]"), base) {
		t.Error("two equal entries draw the same")
	}
}

// TestMistakes: one message for each mistake that no tag can find.
func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"[blur: {from: 5, until: 4}]":                                        "never",
		"[one_of]":                                                           "of is missing",
		"[one_of: {of: [border]}]":                                           "whole recipe",
		"[one_of: {of: [blur, gamma], weights: [1]}]":                        "weights",
		"[one_of: {of: [blur, gamma], weights: [0, 0]}]":                     "weights",
		"[one_of: {of: [blur], from: 3, until: 2}]":                          "never",
		"[some_of: {of: [blur]}]":                                            "at_most",
		"[some_of: {of: [blur, noise], at_least: 3}]":                        "at_least",
		"[resized_crop: {area: [0.9, 0.5]}]":                                 "smaller number first",
		"[resized_crop: {ratio: [2, 1]}]":                                    "smaller number first",
		"[one_of: {of: [blurr]}]":                                            "blur",
		"[some_of: {of: [one_of: {of: [elastic: {sigma: 0}]}], at_most: 1}]": "more than 0",
	} {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(text), &n); err != nil {
			t.Fatal(err)
		}
		var c Config
		if err := registry.Decode(&n, "test", &c).Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want a message with %q", text, err, want)
		}
	}
}

// TestConfigSurvivesWriting: a recipe with choices in choices is written out with
// its defaults and read back to the same.
func TestConfigSurvivesWriting(t *testing.T) {
	c := parse(t, everything)
	text, err := yaml.Marshal(registry.Encode(c))
	if err != nil {
		t.Fatal(err)
	}
	again, err := yaml.Marshal(registry.Encode(parse(t, string(text))))
	if err != nil || string(again) != string(text) {
		t.Errorf("got %s\nwant %s (%v)", again, text, err)
	}
}
