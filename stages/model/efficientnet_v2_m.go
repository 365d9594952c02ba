package model

func init() {
	Backbones.Add("efficientnet_v2_m", "efficientnet_v2_s with more blocks and a seventh stage (Tan and Le 2021), as in torchvision", EfficientNet[efficientnetV2M]{Variant: "torchvision", StochasticDepth: 0.2})
}

// efficientnetV2M is torchvision's efficientnet_v2_m, whose weights are IMAGENET1K_V1.
type efficientnetV2M struct{}

func (efficientnetV2M) efficientnet() efficientnet {
	return efficientnet{stem: 24, last: 1280, eps: 1e-3, stages: []inverted{
		{fused: true, expand: 1, kernel: 3, stride: 1, out: 24, blocks: 3},
		{fused: true, expand: 4, kernel: 3, stride: 2, out: 48, blocks: 5},
		{fused: true, expand: 4, kernel: 3, stride: 2, out: 80, blocks: 5},
		{expand: 4, kernel: 3, stride: 2, out: 160, blocks: 7},
		{expand: 6, kernel: 3, stride: 1, out: 176, blocks: 14},
		{expand: 6, kernel: 3, stride: 2, out: 304, blocks: 18},
		{expand: 6, kernel: 3, stride: 1, out: 512, blocks: 5},
	}}.from("efficientnet_v2_m-dc08266a.pth", 208.01)
}
