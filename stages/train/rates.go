package train

import (
	"math"
	"strings"

	"vertebra/stages/model"
)

// factor is what the phase's learning rate is multiplied by for a parameter;
// groups are the model's, from stem to head.
func (p Phase) factor(name string, groups []string) float64 {
	factor, innermost := 1.0, ""
	for group, f := range p.Factors {
		if model.Selects(group, name) && (innermost == "" || within(group, innermost)) {
			factor, innermost = f, group
		}
	}
	if p.LayerDecay == 0 || p.LayerDecay == 1 {
		return factor
	}
	return factor * math.Pow(p.LayerDecay, float64(depth(name, layers(groups))))
}

// within says whether a group that shares a parameter with another is the narrower
// one: all, then backbone and head, then what names layers, the longest last.
func within(group, other string) bool {
	width := func(g string) int {
		switch g {
		case model.All:
			return -2
		case model.BackBone, model.TheHead:
			return -1
		}
		return len(g)
	}
	return width(group) > width(other)
}

// layers are the groups that no other group is a part of.
func layers(groups []string) (out []string) {
	for i, g := range groups {
		if g == model.All || g == model.BackBone || i+1 < len(groups) && strings.HasPrefix(groups[i+1], g+".") {
			continue
		}
		out = append(out, g)
	}
	return out
}

// depth counts the layers between a parameter's own and the head, which has 0.
func depth(name string, layers []string) int {
	for i, layer := range layers {
		if model.Selects(layer, name) {
			return len(layers) - 1 - i
		}
	}
	return 0
}
