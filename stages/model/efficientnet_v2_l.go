package model

func init() {
	Backbones.Add("efficientnet_v2_l", "efficientnet_v2_m with more blocks and a third more channels (Tan and Le 2021), as in torchvision", EfficientNet[efficientnetV2L]{Variant: "torchvision", StochasticDepth: 0.2})
}

// efficientnetV2L is torchvision's efficientnet_v2_l, whose weights are IMAGENET1K_V1: for pixels of
// mean and std 0.5.
type efficientnetV2L struct{}

func (efficientnetV2L) efficientnet() efficientnet {
	net := efficientnet{stem: 32, last: 1280, eps: 1e-3, stages: []inverted{
		{fused: true, expand: 1, kernel: 3, stride: 1, out: 32, blocks: 4},
		{fused: true, expand: 4, kernel: 3, stride: 2, out: 64, blocks: 7},
		{fused: true, expand: 4, kernel: 3, stride: 2, out: 96, blocks: 7},
		{expand: 4, kernel: 3, stride: 2, out: 192, blocks: 10},
		{expand: 6, kernel: 3, stride: 1, out: 224, blocks: 19},
		{expand: 6, kernel: 3, stride: 2, out: 384, blocks: 25},
		{expand: 6, kernel: 3, stride: 1, out: 640, blocks: 7},
	}}.from("efficientnet_v2_l-59c71312.pth", 454.573)
	net.release.Mean, net.release.Std = []float64{0.5}, []float64{0.5}
	return net
}
