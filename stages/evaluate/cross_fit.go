package evaluate

import (
	"maps"
	"slices"

	"vertebra/stages/stage"
)

// CrossFit finds for each group of cases, which is a study or a patient, a blend that its cases
// had no part in: groups are dealt at random to so many parts, and find is given what members say
// of the cases of all other parts, in one order. Numbers of cases that are blended so are those of
// the search for weights, and not too good as numbers of the cases that weights were found on are
// (stacked predictions, Wolpert 1992; scikit-learn's cross_val_predict with GroupKFold). With fewer
// groups than parts each is a part; nil of a single one.
func CrossFit(seed uint64, parts int, members [][]stage.Prediction, find func(members [][]stage.Prediction) (Blend, error)) (map[string]Blend, error) {
	part := map[string]int{}
	for _, item := range members[0] {
		part[item.Group] = 0
	}
	if parts = min(parts, len(part)); parts < 2 {
		return nil, nil
	}
	groups := slices.Sorted(maps.Keys(part))
	for i, at := range stage.Rand(seed, "ensemble parts").Perm(len(groups)) {
		part[groups[at]] = i % parts
	}
	out := map[string]Blend{}
	for p := range parts {
		others := make([][]stage.Prediction, len(members))
		for m, items := range members {
			for _, item := range items {
				if part[item.Group] != p {
					others[m] = append(others[m], item)
				}
			}
		}
		blend, err := find(others)
		if err != nil {
			return nil, err
		}
		for _, group := range groups {
			if part[group] == p {
				out[group] = blend
			}
		}
	}
	return out, nil
}

// OfGroups blends as Of does, with a blend of its own for the cases of each group that has one.
func (b Blend) OfGroups(own map[string]Blend, split stage.Split, members [][]stage.Prediction) []stage.Prediction {
	out := b.Of(members)
	said := make([][]float64, len(members))
	for i, item := range out {
		other, has := own[item.Group]
		if !has || item.Split != split {
			continue
		}
		for m := range members {
			said[m] = members[m][i].Probabilities
		}
		out[i].Probabilities = other.Probabilities(said)
	}
	return out
}
