package model

func init() {
	Backbones.Add("efficientnet_v2_s", "the small net of the second version, with fused blocks first (Tan and Le 2021), as in torchvision", EfficientNet[efficientnetV2S]{Variant: "torchvision", StochasticDepth: 0.2})
}

// efficientnetV2S is torchvision's efficientnet_v2_s, whose weights are IMAGENET1K_V1.
type efficientnetV2S struct{}

func (efficientnetV2S) efficientnet() efficientnet {
	return efficientnet{stem: 24, last: 1280, eps: 1e-3, stages: []inverted{
		{fused: true, expand: 1, kernel: 3, stride: 1, out: 24, blocks: 2},
		{fused: true, expand: 4, kernel: 3, stride: 2, out: 48, blocks: 4},
		{fused: true, expand: 4, kernel: 3, stride: 2, out: 64, blocks: 4},
		{expand: 4, kernel: 3, stride: 2, out: 128, blocks: 6},
		{expand: 6, kernel: 3, stride: 1, out: 160, blocks: 9},
		{expand: 6, kernel: 3, stride: 2, out: 256, blocks: 15},
	}}.from("efficientnet_v2_s-dd5fe13b.pth", 82.704)
}
