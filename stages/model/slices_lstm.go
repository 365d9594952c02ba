package model

import (
	"strconv"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Poolings.Add("lstm", "reads the slices in their order, then pools what it made of each", LSTM{
		Units: 256, Layers: 1, Bidirectional: true,
		Pool: registry.One[Pooling]{Name: "attention", Part: plainAttention},
	})
}

// LSTM is torch.nn.LSTM over the slices (Hochreiter and Schmidhuber 1997), with a pooling of
// its outputs.
type LSTM struct {
	Units         int                   `help:"numbers that each direction makes of a slice" min:"1" max:"4096"`
	Layers        int                   `help:"LSTMs that read one another" min:"1" max:"4"`
	Bidirectional bool                  `help:"reads from both ends"`
	Dropout       float64               `help:"share of the numbers between two layers, and before the pooling, that are set to zero in training" min:"0" under:"1"`
	Pool          registry.One[Pooling] `help:"how the slices become one"`
}

// Build makes the layers in turn.
func (l LSTM) Build(p torch.Path, slices, features int64) (torch.Module, int64) {
	var body torch.Sequence
	for i := range l.Layers {
		at := p.Sub("lstm").Sub(strconv.Itoa(i))
		body = append(body, torch.NewLSTM(at, features, int64(l.Units), l.Bidirectional), torch.Dropout{Name: at.Name(), P: l.Dropout})
		if features = int64(l.Units); l.Bidirectional {
			features *= 2
		}
	}
	pool, out := l.Pool.Part.Build(p.Sub("pool"), slices, features)
	return append(body, pool), out
}
