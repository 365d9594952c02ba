package model

func init() {
	Backbones.Add("efficientnet_b2", "efficientnet_b0 with 1.2 times as many blocks in a stage and 1.1 times the channels (Tan and Le 2019), as in torchvision", EfficientNet[efficientnetB2]{Variant: "torchvision", StochasticDepth: 0.2})
}

// efficientnetB2 is torchvision's efficientnet_b2, whose weights are IMAGENET1K_V1.
type efficientnetB2 struct{}

func (efficientnetB2) efficientnet() efficientnet {
	return efficientnetB0{}.efficientnet().scaled(1.1, 1.2).from("efficientnet_b2_rwightman-c35c1473.pth", 35.174)
}
