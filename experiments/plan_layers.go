package experiments

import (
	"slices"

	"vertebra/stages/model"
	"vertebra/stages/train"
)

// LayerPlan is a layer of the net: a word that phases may name, what it holds and does,
// and which phases train it.
type LayerPlan struct {
	Layer      string `json:"layer"`
	Parameters int64  `json:"parameters"`
	Statistics int64  `json:"statistics,omitempty"` // of batch-norm, which no optimizer touches
	// Operations are those of the forward pass for one image: 2 for each multiply-add of
	// convolutions and linear layers.
	Operations float64         `json:"operations"`
	Trained    []LayerTraining `json:"trained,omitempty"`
}

// LayerTraining says when and how fast a phase trains a layer.
type LayerTraining struct {
	Phase string `json:"phase"`
	From  int    `json:"from_epoch"` // of the phase
	// Factors are what the phase's rate is multiplied by, of which neighbours within the
	// layer may have several.
	Factors []float64 `json:"factors"`
	Part    bool      `json:"in_part,omitempty"` // not all of its parameters
}

func planLayers(e Experiment, size model.Size) (out []LayerPlan) {
	groups := model.Groups(e.Model)
	for _, layer := range size.Layers(model.LayerNames(groups)) {
		l := LayerPlan{Layer: layer.Name, Parameters: layer.Parameters, Statistics: layer.Buffers, Operations: 2 * float64(layer.Products)}
		for _, p := range e.Train.Phases {
			if t := layerTraining(p, layer.Weights, groups); t.From > 0 {
				l.Trained = append(l.Trained, t)
			}
		}
		out = append(out, l)
	}
	return out
}

// layerTraining looks for the first epoch that trains some of the weights; From is 0 where
// none does.
func layerTraining(p train.Phase, weights, groups []string) LayerTraining {
	for epoch := 1; epoch <= p.Epochs; epoch++ {
		t, trains := LayerTraining{Phase: p.Name, From: epoch}, p.Trains(groups, epoch)
		for _, weight := range weights {
			f := p.Factor(weight, groups)
			switch {
			case !trains(weight):
				t.Part = true
			case !slices.Contains(t.Factors, f):
				t.Factors = append(t.Factors, f)
			}
		}
		if len(t.Factors) > 0 {
			return t
		}
	}
	return LayerTraining{}
}
