package model

func init() {
	Backbones.Add("efficientnet_b0", "net of inverted residual blocks with squeeze-and-excitation (Tan and Le 2019), as in torchvision", EfficientNet[efficientnetB0]{Variant: "torchvision", StochasticDepth: 0.2})
}

// efficientnetB0 is torchvision's efficientnet_b0, whose weights are IMAGENET1K_V1.
type efficientnetB0 struct{}

func (efficientnetB0) efficientnet() efficientnet {
	return efficientnet{stem: 32, last: 1280, eps: 1e-5, stages: []inverted{
		{expand: 1, kernel: 3, stride: 1, out: 16, blocks: 1},
		{expand: 6, kernel: 3, stride: 2, out: 24, blocks: 2},
		{expand: 6, kernel: 5, stride: 2, out: 40, blocks: 2},
		{expand: 6, kernel: 3, stride: 2, out: 80, blocks: 3},
		{expand: 6, kernel: 5, stride: 1, out: 112, blocks: 3},
		{expand: 6, kernel: 5, stride: 2, out: 192, blocks: 4},
		{expand: 6, kernel: 3, stride: 1, out: 320, blocks: 1},
	}}.from("efficientnet_b0_rwightman-7f5810bc.pth", 20.451)
}
