package train

import (
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// classCounts counts the training cases of each class.
func classCounts(images *preprocess.Images) []int {
	counts := make([]int, len(images.Classes))
	for _, c := range images.Cases {
		if c.Split == stage.Train {
			counts[c.Label]++
		}
	}
	return counts
}

// classWeights gives n/(K·n_c) for each class of the training split
// (scikit-learn's compute_class_weight "balanced"; K counts the classes that
// have cases), or nil for none. A class without cases gets weight 0: it cannot
// occur in a batch.
func classWeights(b Balance, counts []int) []float32 {
	if b.ClassWeights != "balanced" {
		return nil
	}
	n, present := 0, 0
	for _, c := range counts {
		if n += c; c > 0 {
			present++
		}
	}
	weights := make([]float32, len(counts))
	for c, of := range counts {
		if of > 0 {
			weights[c] = float32(n) / float32(present*of)
		}
	}
	return weights
}
