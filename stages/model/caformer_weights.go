package model

import (
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/safetensors"
)

var caformerOfTimm = strings.NewReplacer("classifier.0.", "head.norm.", "classifier.", "head.fc.")

// OtherNames lead to the names of timm and of sail-sg/metaformer.
func (caformer) OtherNames() []func(string) string {
	return []func(string) string{caformerOfTimm.Replace, caformerOfAuthors}
}

// caformerOfAuthors is what the authors call a tensor: what leads to a stage stands in
// downsample_layers, with its norm behind the first convolution and before the others.
func caformerOfAuthors(name string) string {
	first, rest, _ := strings.Cut(name, ".")
	switch first {
	case "stem":
		return "downsample_layers.0." + strings.Replace(rest, "norm.", "post_norm.", 1)
	case "classifier":
		if norm, is := strings.CutPrefix(rest, "0."); is {
			return "norm." + norm
		}
		return "head." + rest
	case "stages":
		at, rest, _ := strings.Cut(rest, ".")
		if down, is := strings.CutPrefix(rest, "downsample."); is {
			return "downsample_layers." + at + "." + strings.Replace(down, "norm.", "pre_norm.", 1)
		}
		return "stages." + at + "." + strings.TrimPrefix(rest, "blocks.")
	}
	return name
}

// Reorder makes convolutions of one place of the linear layers that the authors have in the first two
// stages.
func (caformer) Reorder(_ []string, tensors map[string]safetensors.Tensor) {
	for stage := range 2 {
		for name, t := range tensors {
			if strings.HasPrefix(name, "stages."+strconv.Itoa(stage)+".") && strings.HasSuffix(name, ".weight") && len(t.Shape) == 2 {
				tensors[name] = safetensors.Tensor{Shape: append(slices.Clone(t.Shape), 1, 1), Data: t.Data}
			}
		}
	}
}
