package train

import (
	"maps"
	"math"
	"slices"
	"strings"

	"vertebra/stages/model"
	"vertebra/stages/stage"
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
	return factor * math.Pow(p.LayerDecay, float64(model.Depth(groups, name)))
}

// groupRate is what the rate of neighbouring layers is multiplied by.
type groupRate struct {
	label  string
	factor float64
}

// groupRates lists the factors of trained parameters from stem to head; layers next
// to each other with one factor are one entry.
func (p Phase) groupRates(names, groups []string) (list []groupRate) {
	for _, layer := range model.LayerNames(groups) {
		at := slices.IndexFunc(names, func(name string) bool { return model.Selects(layer, name) })
		if at < 0 {
			continue
		}
		factor := p.Factor(names[at], groups)
		if n := len(list); n > 0 && list[n-1].factor == factor {
			first, _, _ := strings.Cut(list[n-1].label, " to ")
			list[n-1].label = first + " to " + layer
			continue
		}
		list = append(list, groupRate{layer, factor})
	}
	switch len(list) {
	case 0:
		return []groupRate{{"all trained groups", 1}}
	case 1:
		list[0].label = "all trained groups"
	}
	return list
}

// rates tells the learning rate of each group that is trained by the phase's optimizer;
// those of others are otherRates.
func (t *trainer) rates() (scalars []stage.Scalar) {
	var names []string
	others := slices.Sorted(maps.Keys(t.phase.Optimizers))
	for _, p := range t.net.Store.Parameters {
		if p.Trainable && model.Narrowest(others, p.Name) == "" {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	for _, g := range t.phase.groupRates(names, t.net.Groups) {
		scalars = append(scalars, stage.Scalar{Name: "learning_rate", Title: "Learning rate", Series: g.label, Value: t.rate * g.factor})
	}
	return scalars
}
