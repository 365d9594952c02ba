package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
	"vertebra/stages/stage"
)

// swinV2Names lead to the tensors of files of Swin V2.
type swinV2Names struct{}

var swinV2OfFace = strings.NewReplacer(
	".attn.qkv.", ".attention.self.qkv.", ".attn.proj.", ".attention.output.dense.", ".attn.cpb_mlp.", ".attention.self.continuous_position_bias_mlp.",
	".attn.logit_scale", ".attention.self.logit_scale", ".norm1.", ".layernorm_before.", ".norm2.", ".layernorm_after.",
	".mlp.fc1.", ".intermediate.dense.", ".mlp.fc2.", ".output.dense.")

// OtherNames lead to the names of timm, of the authors, and of Hugging Face, which are much alike.
func (swinV2Names) OtherNames() []func(string) string {
	return []func(string) string{
		func(s string) string { return swinName(s, 0) }, func(s string) string { return swinName(s, -1) },
		func(s string) string {
			name := swinName(s, -1)
			switch first, rest, _ := strings.Cut(name, "."); first {
			case "layers":
				return "encoder." + swinV2OfFace.Replace(name)
			case "norm":
				return "layernorm." + rest
			case "patch_embed":
				return "embeddings." + strings.Replace(rest, "proj.", "patch_embeddings.projection.", 1)
			}
			return name
		},
	}
}

// Prepare makes torchvision's qkv of what other files have: timm's and the authors' biases of queries
// and values, and Hugging Face's layers. None of them has biases of keys.
func (swinV2Names) Prepare(d statedict.Dict) statedict.Dict {
	out := statedict.Dict{Path: d.Path, Tensors: map[string]safetensors.Tensor{}}
	add := func(name string, t safetensors.Tensor) { out.Tensors[name], out.Names = t, append(out.Names, name) }
	for _, name := range inOrder(d) {
		switch joined, parts := swinV2Joined(d, name); {
		case parts != nil:
			add(joined, stacked(parts))
		case joined == "":
			add(name, d.Tensors[name])
		}
	}
	return out
}

// swinV2Joined is what becomes of a tensor of a file: parts of another, which joined names; nothing,
// where joined has a name alone, since another tensor stands for it; or itself, where joined is "".
func swinV2Joined(d statedict.Dict, name string) (joined string, parts []safetensors.Tensor) {
	for _, of := range []struct{ queries, keys, values, all string }{
		{".q_bias", "", ".v_bias", ".qkv.bias"},
		{".self.query.bias", "", ".self.value.bias", ".self.qkv.bias"},
		{".self.query.weight", ".self.key.weight", ".self.value.weight", ".self.qkv.weight"},
	} {
		for i, suffix := range []string{of.queries, of.keys, of.values} {
			before, is := strings.CutSuffix(name, suffix)
			if !is || suffix == "" {
				continue
			}
			q, has := d.Tensors[before+of.queries]
			v, alsoHas := d.Tensors[before+of.values]
			k := safetensors.Tensor{Shape: q.Shape, Data: make([]float32, len(q.Data))}
			if of.keys != "" {
				k = d.Tensors[before+of.keys]
			}
			if !has || !alsoHas || len(q.Shape) == 0 || !slices.Equal(q.Shape, k.Shape) || !slices.Equal(q.Shape, v.Shape) {
				return "", nil
			}
			if i == 0 {
				parts = []safetensors.Tensor{q, k, v}
			}
			return before + of.all, parts
		}
	}
	return "", nil
}

// windowsAgree refuses a file with distances between the places of other windows, as torchvision's and the
// authors' have them: nobody would see it, since all other tensors are as large for all windows.
func windowsAgree(d statedict.Dict, window, trained int64) error {
	most := int64(0)
	for name, t := range d.Tensors {
		if strings.HasSuffix(name, ".relative_coords_table") && len(t.Shape) == 4 {
			most = max(most, (t.Shape[1]+1)/2)
		}
	}
	if most == 0 || most == window || most == trained {
		return nil
	}
	text := strconv.FormatInt(most, 10)
	return stage.Fault{
		Err:  fmt.Errorf("its windows have %d × %[1]d places, and the net's %d × %[2]d", most, window),
		Hint: "write window: " + text + " beside weights, or trained_window: " + text + " to see others",
	}
}
