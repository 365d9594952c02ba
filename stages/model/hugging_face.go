package model

import (
	"regexp"
	"strings"

	"vertebra/stages/internal/statedict"
)

// layerOf5 is what stands before the parts of a layer in a net of transformers 5: of DINOv2
// encoder.layer.0., of ViT layers.0.
var layerOf5 = regexp.MustCompile(`(^|\.)(encoder\.layer|layers)\.(\d+)\.`)

// What transformers 5 calls the parts of a layer, and the files of all versions.
var (
	attentionOf5 = strings.NewReplacer(
		".attention.q_proj.", ".attention.attention.query.", ".attention.k_proj.", ".attention.attention.key.",
		".attention.v_proj.", ".attention.attention.value.", ".attention.o_proj.", ".attention.output.dense.")
	mlpOf5 = strings.NewReplacer(".mlp.fc1.", ".intermediate.dense.", ".mlp.fc2.", ".output.dense.")
)

// asStored gives nets of Hugging Face's transformers 5 the names that save_pretrained stores, which are
// those of version 4: torch.save writes the others.
func asStored(d statedict.Dict) statedict.Dict {
	of5 := false
	for name := range d.Tensors {
		of5 = of5 || strings.Contains(name, ".attention.q_proj.") && layerOf5.MatchString(name)
	}
	if !of5 {
		return d
	}
	return renamed(d, func(name string) string {
		if at := layerOf5.FindStringSubmatch(name); at == nil {
			return name
		} else if at[2] == "layers" {
			name = mlpOf5.Replace(name)
		}
		return attentionOf5.Replace(layerOf5.ReplaceAllString(name, "${1}encoder.layer.$3."))
	})
}
