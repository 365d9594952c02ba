package model

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"vertebra/stages/internal/safetensors"
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
	vitOld  = strings.NewReplacer(".mlp.linear_1.", ".mlp.0.", ".mlp.linear_2.", ".mlp.3.")
	vitTimm = regexp.MustCompile(`^blocks\.(\d+)\.`)
	timm    = strings.NewReplacer(
		".norm1.", ".ln_1.", ".norm2.", ".ln_2.", ".attn.qkv.", ".self_attention.in_proj_", ".attn.proj.", ".self_attention.out_proj.",
		".mlp.fc1.", ".mlp.0.", ".mlp.fc2.", ".mlp.3.")
	timmOthers = map[string]string{
		"cls_token": "class_token", "pos_embed": vitPositions, "patch_embed.proj.weight": "conv_proj.weight", "patch_embed.proj.bias": "conv_proj.bias",
		"norm.weight": "encoder.ln.weight", "norm.bias": "encoder.ln.bias",
	}
)

// Renamed gives torchvision's present name of a tensor in a file.
func (vit) Renamed(name string) string {
	if other, ok := timmOthers[name]; ok {
		return other
	}
	if vitTimm.MatchString(name) {
		return timm.Replace(vitTimm.ReplaceAllString(name, vitBlocks+"."+vitBlockName+"$1."))
	}
	return vitOld.Replace(name)
}
