package model

import "vertebra/stages/internal/torch"

func init() { Layers.Add("dropout", "forgets features at random while training", Dropout{P: 0.5}) }

// Dropout is torch.nn.Dropout with a random stream of its own.
type Dropout struct {
	P float64 `help:"share of the features that is set to zero" min:"0" under:"1"`
}

// Build names the layer after its place.
func (d Dropout) Build(p torch.Path, in int64) (torch.Module, int64) {
	return torch.Dropout{Name: p.Name(), P: d.P}, in
}
