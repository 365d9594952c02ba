package validate

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"vertebra/finished/predict"
	"vertebra/stages/explain"
)

// album is what is kept of images while several nets are asked about them, which have them one
// after the other.
type album struct {
	pictures map[string][]byte // small ones, of cases
	images   []explain.Rare
}

// keep makes pictures of so many cases that they stay small together, and of those that a net
// finds least like the images of its training.
func (a *album) keep(x explain.Subject, p predict.Predictor) error {
	const most, rarest = 4000, 200
	a.images = x.Others()
	var ids []string
	for _, one := range x.Images.Cases[:min(most, len(x.Images.Cases))] {
		ids = append(ids, one.ID)
	}
	if p.Rarity != nil {
		far := slices.SortedStableFunc(slices.Values(a.images), func(m, n explain.Rare) int {
			return cmp.Compare(p.Rarity.Of(p.Name(m.CaseID)), p.Rarity.Of(p.Name(n.CaseID)))
		})
		for _, one := range far[:min(rarest, len(far))] {
			ids = append(ids, one.CaseID)
		}
	}
	var err error
	a.pictures, err = x.Thumbnails(ids)
	return err
}

// some gives the pictures of cases that there are.
func (a *album) some(cases []string) (map[string][]byte, error) {
	out := maps.Clone(a.pictures)
	maps.DeleteFunc(out, func(id string, _ []byte) bool { return !slices.Contains(cases, id) })
	return out, nil
}

// of is some, for whoever may wait for it.
func (a *album) of(_ context.Context, cases []string) (map[string][]byte, error) {
	return a.some(cases)
}
