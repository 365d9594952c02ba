package model

import (
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/safetensors"
)

// Files of timm, and of the authors, have the same tensors by other names. What merges
// patches is the beginning of a stage in timm, and the end of the one before in the authors'.
var swinMLP = strings.NewReplacer(".mlp.0.", ".mlp.fc1.", ".mlp.3.", ".mlp.fc2.")

// OtherNames lead to the names of timm's files, to those of the authors', and to MMPretrain's,
// in whose older files the last norm has no number.
func (swin) OtherNames() []func(string) string {
	return []func(string) string{
		func(s string) string { return swinName(s, 0) }, func(s string) string { return swinName(s, -1) },
		func(s string) string { return mmName(s, "norm3.") }, func(s string) string { return mmName(s, "norm.") },
	}
}

// MMPretrain's names of what the authors' files have.
var swinOfMM = strings.NewReplacer(
	"layers.", "stages.", ".attn.", ".attn.w_msa.", ".mlp.fc1.", ".ffn.layers.0.0.", ".mlp.fc2.", ".ffn.layers.1.", "patch_embed.proj.", "patch_embed.projection.")

// mmName is that of a file of MMPretrain.
func mmName(name, lastNorm string) string {
	if rest, ok := strings.CutPrefix(name, "norm."); ok {
		return lastNorm + rest
	}
	return swinOfMM.Replace(swinName(name, -1))
}

// Reorder makes of MMPretrain's tensors ours, by the names of the file. MMPretrain merges the four
// places of a patch with torch.nn.Unfold, channel by channel with places row by row; here, as in
// torchvision's _patch_merging_pad, it is place by place, column by column, with all channels.
func (swin) Reorder(names []string, tensors map[string]safetensors.Tensor) {
	if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, ".attn.w_msa.") }) {
		return
	}
	for _, merging := range []string{"features.2.", "features.4.", "features.6."} {
		for _, name := range []string{"norm.weight", "norm.bias", "reduction.weight"} {
			if t, ok := tensors[merging+name]; ok && len(t.Shape) > 0 && t.Shape[len(t.Shape)-1]%4 == 0 {
				tensors[merging+name] = placesFirst(t)
			}
		}
	}
}

// placesFirst reorders the last dimension of a tensor from (C, row, column) to (column, row, C).
func placesFirst(t safetensors.Tensor) safetensors.Tensor {
	wide := int(t.Shape[len(t.Shape)-1])
	out := safetensors.Tensor{Shape: t.Shape, Data: make([]float32, len(t.Data))}
	for i, v := range t.Data {
		begin, at := i-i%wide, i%wide
		channel, row, column := at/4, at/2%2, at%2
		out.Data[begin+(column*2+row)*wide/4+channel] = v
	}
	return out
}

// swinName is that of a file in which merging belongs to a stage so much further.
func swinName(name string, further int) string {
	rest, ok := strings.CutPrefix(name, "features.")
	at, rest, _ := strings.Cut(rest, ".")
	i, err := strconv.Atoi(at)
	switch {
	case !ok || err != nil:
		return name
	case i == 0:
		return strings.NewReplacer("0.", "patch_embed.proj.", "2.", "patch_embed.norm.").Replace(rest)
	case i%2 == 1:
		return "layers." + strconv.Itoa(i/2) + ".blocks." + swinMLP.Replace(rest)
	}
	return "layers." + strconv.Itoa(i/2+further) + ".downsample." + rest
}
