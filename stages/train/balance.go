package train

import (
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// classWeights gives n/(K·n_c) for each class of the training split
// (scikit-learn's compute_class_weight "balanced"), or nil for none. A class
// without cases gets weight 0: it cannot occur in a batch.
func classWeights(b Balance, images *preprocess.Images, classes int) []float32 {
	if b.ClassWeights != "balanced" {
		return nil
	}
	counts, n := map[int]int{}, 0
	for _, c := range images.Cases {
		if c.Split == stage.Train {
			counts[c.Label]++
			n++
		}
	}
	weights := make([]float32, classes)
	for c := range weights {
		if counts[c] > 0 {
			weights[c] = float32(n) / float32(len(counts)*counts[c])
		}
	}
	return weights
}
