package train

import (
	"maps"
	"math"
	"slices"

	"vertebra/stages/model"
)

// Factor is what the phase's learning rate is multiplied by for a parameter;
// groups are the model's, from stem to head.
func (p Phase) Factor(name string, groups []string) float64 {
	factor := 1.0
	if word := model.Narrowest(slices.Sorted(maps.Keys(p.Factors)), name); word != "" {
		factor = p.Factors[word]
	}
	if p.LayerDecay == 0 || p.LayerDecay == 1 {
		return factor
	}
	return factor * math.Pow(p.LayerDecay, float64(depth(name, model.LayerNames(groups))))
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
