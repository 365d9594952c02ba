package model

import (
	"fmt"
	"math"
	"strings"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
	"vertebra/stages/internal/torch"
)

// Fit gives what positions are worth to another number of patches than the file's, as
// torchvision's interpolate_embeddings does: the class token's stays.
func (v vit) Fit(s *torch.Scope, tensors map[string]safetensors.Tensor) error {
	file, ok := tensors[vitPositions]
	if !ok || len(file.Shape) != 3 || file.Shape[2] != v.width || int64(len(file.Data)) != file.Shape[1]*v.width {
		return nil // loading says what is wrong
	}
	if file.Shape[1] == v.down*v.across+1 {
		return nil
	}
	side := int64(math.Round(math.Sqrt(float64(file.Shape[1] - 1))))
	if side < 1 || side*side != file.Shape[1]-1 {
		return fmt.Errorf("%s is of %d patches, which are no square: they fit no images of %d × %d", vitPositions, file.Shape[1]-1, v.across*patchSize, v.down*patchSize)
	}
	square := s.Reshape(s.FromFloat32(file.Data[v.width:], side*side, v.width), 1, side, side, v.width)
	resized := s.ChannelsBehind(s.ResizeBicubic(s.ChannelsBefore(square), v.down, v.across))
	tensors[vitPositions] = safetensors.Tensor{Shape: []int64{1, v.down*v.across + 1, v.width}, Data: append(append([]float32{}, file.Data[:v.width]...), s.Float32s(resized)...)}
	return s.Err()
}

// Names of files: torchvision's oldest have linear_1 and linear_2, and timm's have names of
// their own for the same tensors.
var (
	vitOld    = strings.NewReplacer(".mlp.0.", ".mlp.linear_1.", ".mlp.3.", ".mlp.linear_2.")
	vitOfTimm = strings.NewReplacer(vitBlocks+"."+vitBlockName, "blocks.")
	timm      = strings.NewReplacer(
		".ln_1.", ".norm1.", ".ln_2.", ".norm2.", ".self_attention.in_proj_", ".attn.qkv.", ".self_attention.out_proj.", ".attn.proj.",
		".mlp.0.", ".mlp.fc1.", ".mlp.3.", ".mlp.fc2.")
	timmOthers = map[string]string{
		"class_token": "cls_token", vitPositions: "pos_embed", "conv_proj.weight": "patch_embed.proj.weight", "conv_proj.bias": "patch_embed.proj.bias",
		"encoder.ln.weight": "norm.weight", "encoder.ln.bias": "norm.bias",
	}
)

// What Hugging Face's ViTModel calls what timm has.
var (
	vitOfHuggingFace = strings.NewReplacer(
		"blocks.", "encoder.layer.", ".norm1.", ".layernorm_before.", ".norm2.", ".layernorm_after.", ".attn.qkv.", ".attention.attention.qkv.",
		".attn.proj.", ".attention.output.dense.", ".mlp.fc1.", ".intermediate.dense.", ".mlp.fc2.", ".output.dense.")
	huggingFaceOthers = map[string]string{
		"cls_token": "embeddings.cls_token", "pos_embed": "embeddings.position_embeddings", "norm.weight": "layernorm.weight", "norm.bias": "layernorm.bias",
		"patch_embed.proj.weight": "embeddings.patch_embeddings.projection.weight", "patch_embed.proj.bias": "embeddings.patch_embeddings.projection.bias",
	}
)

// OtherNames lead to the names of torchvision's oldest files, to timm's and to Hugging Face's.
func (vit) OtherNames() []func(string) string {
	return []func(string) string{vitOld.Replace, timmName, vitHuggingFaceName}
}

func vitHuggingFaceName(name string) string {
	name = timmName(name)
	if other, ok := huggingFaceOthers[name]; ok {
		return other
	}
	return vitOfHuggingFace.Replace(name)
}

// Prepare joins what Hugging Face has apart.
func (vit) Prepare(d statedict.Dict) statedict.Dict { return joinedAttention(asStored(d)) }

func timmName(name string) string {
	if other, ok := timmOthers[name]; ok {
		return other
	}
	return timm.Replace(vitOfTimm.Replace(name))
}
