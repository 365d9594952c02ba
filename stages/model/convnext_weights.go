package model

import (
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/safetensors"
)

// Files of timm, and of the authors (facebookresearch/ConvNeXt and ConvNeXt-V2), have the same tensors
// by names of their own: timm what leads to a stage in that stage, the authors in downsample_layers.
var (
	convnext2OfTimm    = strings.NewReplacer(".block.0.", ".conv_dw.", ".block.2.", ".norm.", ".block.3.", ".mlp.fc1.", ".block.5.", ".mlp.grn.", ".block.6.", ".mlp.fc2.")
	convnext2OfAuthors = strings.NewReplacer(
		".block.0.", ".dwconv.", ".block.2.", ".norm.", ".block.3.", ".pwconv1.", ".block.5.weight", ".grn.gamma", ".block.5.bias", ".grn.beta", ".block.6.", ".pwconv2.")
	convnextOfTimm    = strings.NewReplacer(".layer_scale", ".gamma", ".block.0.", ".conv_dw.", ".block.2.", ".norm.", ".block.3.", ".mlp.fc1.", ".block.5.", ".mlp.fc2.")
	convnextOfAuthors = strings.NewReplacer(".layer_scale", ".gamma", ".block.0.", ".dwconv.", ".block.2.", ".norm.", ".block.3.", ".pwconv1.", ".block.5.", ".pwconv2.")
)

// OtherNames lead to the names of timm and of the authors.
func (c convnext) OtherNames() []func(string) string {
	return []func(string) string{c.timmName, c.authorsName}
}

func (c convnext) timmName(name string) string {
	block := convnextOfTimm
	if c.v2 {
		block = convnext2OfTimm
	}
	stage, rest, down := convnextPlace(name)
	switch {
	case stage < 0:
		return strings.Replace(name, "classifier.0.", "head.norm.", 1)
	case down && stage == 0:
		return "stem." + rest
	case down:
		return "stages." + strconv.Itoa(stage) + ".downsample." + rest
	}
	return "stages." + strconv.Itoa(stage) + ".blocks." + block.Replace(rest)
}

func (c convnext) authorsName(name string) string {
	block := convnextOfAuthors
	if c.v2 {
		block = convnext2OfAuthors
	}
	stage, rest, down := convnextPlace(name)
	switch {
	case stage < 0:
		return strings.Replace(name, "classifier.0.", "norm.", 1)
	case down:
		return "downsample_layers." + strconv.Itoa(stage) + "." + rest
	}
	return "stages." + strconv.Itoa(stage) + "." + block.Replace(rest)
}

// convnextPlace takes features.5.2.block.0.bias apart: stage 2, and what is behind it. down says that
// it leads to the stage. stage is negative where the name has none.
func convnextPlace(name string) (stage int, rest string, down bool) {
	behind, ok := strings.CutPrefix(name, "features.")
	at, rest, _ := strings.Cut(behind, ".")
	i, err := strconv.Atoi(at)
	if !ok || err != nil {
		return -1, name, false
	}
	return i / 2, rest, i%2 == 0
}

// Reorder gives what scales branches torchvision's shape, in which places are dimensions too, and GRN
// that of timm, which has none for places as the authors do.
func (c convnext) Reorder(_ []string, tensors map[string]safetensors.Tensor) {
	for name, t := range tensors {
		switch {
		case strings.HasSuffix(name, ".layer_scale") && len(t.Shape) == 1:
			tensors[name] = safetensors.Tensor{Shape: append(slices.Clone(t.Shape), 1, 1), Data: t.Data}
		case c.v2 && strings.Contains(name, ".block.5.") && len(t.Shape) == 4 && slices.Equal(t.Shape[:3], []int64{1, 1, 1}):
			tensors[name] = safetensors.Tensor{Shape: slices.Clone(t.Shape[3:]), Data: t.Data}
		}
	}
}
