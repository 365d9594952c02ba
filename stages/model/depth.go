package model

import (
	"slices"
	"strings"
)

// Depth counts the steps from a parameter down to the head, which has 0: by how many factors
// layer-wise decay of the learning rate (Clark et al. 2020, "ELECTRA"; Bao et al. 2022, "BEiT")
// lowers its rate. Each block is a step, and what lies before the first one is the last step.
// What else there is shares that of a neighbour, as the group_matcher of timm's nets has it for
// its param_groups_layer_decay. groups are the model's, from stem to head.
func Depth(groups []string, name string) int {
	layers := LayerNames(groups)
	levels := levelsOf(layers, Blocks(groups))
	at := slices.IndexFunc(layers, func(layer string) bool { return Selects(layer, name) })
	if at < 0 {
		return 0
	}
	return slices.Max(levels) - levels[at]
}

// levelsOf counts the steps from the stem, which has 0, up to each layer.
func levelsOf(layers, blocks []string) []int {
	levels, level := make([]int, len(layers)), 0
	for i, layer := range layers {
		switch {
		case slices.Contains(blocks, layer) || isStep(layers[i:]):
			level++
			levels[i] = level
		case leadsOn(layers[i:], blocks) && level > 0:
			levels[i] = level + 1
		default:
			levels[i] = level
		}
	}
	for i, layer := range layers {
		if layer == TheHead || ofHead(layer) {
			levels[i] = level + 1
		}
	}
	return levels
}

// leadsOn says whether the first of some layers, which is no block, shares the step of the next
// block. The transitions of DenseNet and the norms of PVT v2 end a stage; what else halves maps between stages begins one.
func leadsOn(layers, blocks []string) bool {
	more := slices.ContainsFunc(layers, func(layer string) bool { return slices.Contains(blocks, layer) })
	return more && !strings.HasPrefix(layers[0], "features.transition") && !isNormOfStage(layers[0])
}

// isNormOfStage says so of a norm that ends a stage of PVT v2.
func isNormOfStage(layer string) bool {
	return strings.HasPrefix(layer, "stages.") && strings.HasSuffix(layer, ".norm")
}

// ofHead says whether a layer of a backbone shares the head's step: what torchvision has in its
// classifier, such as the last norm of ConvNeXt, and the last norm of DenseNet. Those of Swin and
// ViT share the last block's.
func ofHead(layer string) bool {
	return strings.HasPrefix(layer, "classifier") || layer == "features.norm5"
}

// isStep says whether the first of some layers, which is no block, is a step of its own: the last
// convolution of MobileNetV3, behind which a layer of the classifier follows. EfficientNet's
// shares the last block's.
func isStep(layers []string) bool {
	return len(layers) > 2 && ofHead(layers[1]) && !ofHead(layers[0])
}
