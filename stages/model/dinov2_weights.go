package model

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
	"vertebra/stages/internal/torch"
)

// Origin says whose names files have.
func (d dinov2) Origin() string {
	return "the names of facebookresearch/dinov2, of timm's vit_…_patch14_dinov2 or of Hugging Face's Dinov2Model"
}

// Fit gives what positions are worth to another number of patches than the file's. It does as
// DinoVisionTransformer.interpolate_pos_encoding with the options of each net in
// dinov2/hub/backbones.py: without registers bicubic, by the scale (patches + 0.1) / side; with
// registers bicubic, by the size, and averaging where there are fewer. timm always does the latter,
// Hugging Face's Dinov2Model the former with the size.
func (d dinov2) Fit(s *torch.Scope, tensors map[string]safetensors.Tensor) error {
	const name, offset = "pos_embed", 0.1
	file, ok := tensors[name]
	if !ok || len(file.Shape) != 3 || file.Shape[2] != d.width || int64(len(file.Data)) != file.Shape[1]*d.width {
		return nil // loading says what is wrong
	}
	class, places := file.Data[:d.width], file.Data[d.width:]
	if d.classless(file.Shape[1]) {
		class, places = make([]float32, d.width), file.Data
	}
	count := int64(len(places)) / d.width
	if count != d.down*d.across {
		side := int64(math.Round(math.Sqrt(float64(count))))
		if side < 1 || side*side != count {
			return fmt.Errorf("%s is of %d patches, which are no square: they fit no images of %d × %d", name, count, d.across*dinov2Patch, d.down*dinov2Patch)
		}
		square := s.ChannelsBefore(s.Reshape(s.FromFloat32(places, count, d.width), 1, side, side, d.width))
		if d.before > 1 {
			square = s.ResizeBicubicSmooth(square, d.down, d.across)
		} else {
			scale := func(to int64) float64 { return (float64(to) + offset) / float64(side) }
			square = s.ResizeBicubicBy(square, d.down, d.across, scale(d.down), scale(d.across))
		}
		places = s.Float32s(s.ChannelsBehind(square))
	}
	tensors[name] = safetensors.Tensor{Shape: []int64{1, d.down*d.across + 1, d.width}, Data: append(append([]float32{}, class...), places...)}
	return s.Err()
}

// classless says whether so many positions are of patches alone: timm adds that of the class to its
// token in nets with registers.
func (d dinov2) classless(positions int64) bool {
	side := func(n int64) bool { root := int64(math.Round(math.Sqrt(float64(n)))); return root*root == n }
	switch {
	case positions == d.down*d.across+1:
		return false
	case positions == d.down*d.across:
		return true
	}
	return !side(positions-1) && side(positions)
}

// OtherNames lead to the names of timm, which differ where there are registers, and of Hugging Face.
func (dinov2) OtherNames() []func(string) string {
	return []func(string) string{dinov2OfTimm, dinov2OfHuggingFace}
}

func dinov2OfTimm(name string) string {
	if name == "register_tokens" {
		return "reg_token"
	}
	return name
}

var (
	dinov2Block = strings.NewReplacer(
		".attn.qkv.", ".attention.attention.qkv.", ".attn.proj.", ".attention.output.dense.",
		".ls1.gamma", ".layer_scale1.lambda1", ".ls2.gamma", ".layer_scale2.lambda1")
	dinov2Others = strings.NewReplacer(
		"patch_embed.proj.", "embeddings.patch_embeddings.projection.", "pos_embed", "embeddings.position_embeddings",
		"cls_token", "embeddings.cls_token", "register_tokens", "embeddings.register_tokens", "norm.", "layernorm.")
)

func dinov2OfHuggingFace(name string) string {
	if rest, ok := strings.CutPrefix(name, "blocks."); ok {
		return "encoder.layer." + dinov2Block.Replace(rest)
	}
	return dinov2Others.Replace(name)
}

// chunked are the blocks of the authors' trainer, which has them in groups: blocks.1.7.
var chunked = regexp.MustCompile(`(^|\.)blocks\.\d+\.(\d+\.)`)

// Prepare joins what Hugging Face has apart, and names blocks as the authors' published files do.
func (dinov2) Prepare(d statedict.Dict) statedict.Dict {
	return renamed(joinedAttention(asStored(d)), func(name string) string { return chunked.ReplaceAllString(name, "${1}blocks.$2") })
}

// Refuse wants of a file registers where the net has them, and none where it has none. beside are
// tensors that the file has and the net has not.
func (d dinov2) Refuse(beside []string) error {
	for _, name := range beside {
		if strings.HasSuffix(name, "register_tokens") || strings.HasSuffix(name, "reg_token") {
			return misfit{errors.New("it is of a net with registers")}
		}
	}
	return nil
}
