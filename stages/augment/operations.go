package augment

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"vertebra/stages/registry"
)

// strengths is how far the operations of trivial_augment and rand_augment go at the last of their levels.
type strengths struct {
	shear  float64                    // tangent of the angle
	shift  func(side float64) float64 // as a share of the side
	rotate float64                    // degrees
	factor float64                    // change of brightness and the like
	bits   float64                    // that posterize takes away
}

// policies are those of torchvision: TrivialAugmentWide, whose shifts are 32 pixels, and RandAugment.
var policies = map[string]strengths{
	"wide":   {shear: 0.99, rotate: 135, factor: 0.99, bits: 6, shift: func(side float64) float64 { return min(32/side, farthest) }},
	"narrow": {shear: 0.3, rotate: 30, factor: 0.9, bits: 4, shift: func(float64) float64 { return farthest }},
}

const farthest = 150.0 / 331

// levels is how many there are, as in torchvision: from 0, which is nothing for most.
const levels = 31

// operations are their names, in torchvision's order, with what each does at v, which is from −1 to 1.
// equalize is left out: it is a step of preprocess here.
var operations = []operation{
	{"identity", nil, nil},
	{"shear_horizontal", Shear{When: Always}, func(s strengths, v float64, _ Size) []float64 { return []float64{slant(s.shear * v), 0} }},
	{"shear_vertical", Shear{When: Always}, func(s strengths, v float64, _ Size) []float64 { return []float64{0, slant(s.shear * v)} }},
	{"shift_horizontal", Shift{When: Always}, func(s strengths, v float64, z Size) []float64 { return []float64{s.shift(z.Width) * v, 0} }},
	{"shift_vertical", Shift{When: Always}, func(s strengths, v float64, z Size) []float64 { return []float64{0, s.shift(z.Height) * v} }},
	{"rotate", Rotate{When: Always}, func(s strengths, v float64, _ Size) []float64 { return []float64{s.rotate * v} }},
	{"brightness", Brightness{When: Always}, changed},
	{"saturation", Saturation{When: Always}, changed},
	{"contrast", Contrast{When: Always}, changed},
	{"sharpness", Sharpness{When: Always}, changed},
	{"posterize", Posterize{When: Always}, func(s strengths, v float64, _ Size) []float64 {
		return []float64{8 - math.Round(s.bits*math.Abs(v))}
	}},
	{"solarize", Solarize{When: Always}, func(_ strengths, v float64, _ Size) []float64 { return []float64{1 - math.Abs(v)} }},
	{"autocontrast", Autocontrast{When: Always}, func(strengths, float64, Size) []float64 { return nil }},
}

type operation struct {
	name    string
	part    Random
	numbers func(s strengths, v float64, size Size) []float64
}

func slant(tangent float64) float64 { return math.Atan(tangent) * 180 / math.Pi }

func changed(s strengths, v float64, _ Size) []float64 { return []float64{1 + s.factor*v} }

// ofGrey are the operations that do something to grey images.
func ofGrey() (names []string) {
	for _, o := range operations {
		if o.name != "saturation" {
			names = append(names, o.name)
		}
	}
	return names
}

// validOperations wants names of operations.
func validOperations(of []string) error {
	var known []string
	for _, o := range operations {
		known = append(known, o.name)
	}
	for i, name := range of {
		if !slices.Contains(known, name) {
			return fmt.Errorf("of: no operation %q (known: %s)", name, strings.Join(known, ", "))
		}
		if slices.Contains(of[:i], name) {
			return fmt.Errorf("of: %s stands there twice", name)
		}
	}
	return nil
}

// anyLevel is drawn anew for each image.
const anyLevel = -1

// members are the operations of a list, each at a level; identity is none.
func members(of []string, policy string, level int) (out []registry.One[Augmentation]) {
	for i, o := range operations {
		if o.part == nil || !slices.Contains(of, o.name) {
			continue
		}
		l := leveled{i, policy, level}
		if spatial, is := o.part.(Spatial); is {
			out = append(out, registry.One[Augmentation]{Name: o.name, Part: movesAt{spatial, l}})
		} else {
			out = append(out, registry.One[Augmentation]{Name: o.name, Part: changesAt{o.part.(Intensity), l}})
		}
	}
	return out
}

// leveled draws a direction, and where it is any a level, for one of the operations.
type leveled struct {
	operation int
	policy    string
	level     int
}

func (l leveled) draw(r *rand.Rand, size Size) []float64 {
	level := l.level
	if level == anyLevel {
		level = r.IntN(levels)
	}
	v := float64(level) / (levels - 1)
	if r.IntN(2) == 1 {
		v = -v
	}
	return operations[l.operation].numbers(policies[l.policy], v, size)
}

type movesAt struct {
	Spatial
	leveled
}

// Draw draws the level.
func (a movesAt) Draw(r *rand.Rand, size Size) []float64 { return a.draw(r, size) }

type changesAt struct {
	Intensity
	leveled
}

// Draw draws the level.
func (a changesAt) Draw(r *rand.Rand, size Size) []float64 { return a.draw(r, size) }
