package model

func init() {
	Backbones.Add("efficientnet_b4", "efficientnet_b0 with 1.8 times as many blocks in a stage and 1.4 times the channels (Tan and Le 2019), as in torchvision", EfficientNet[efficientnetB4]{Variant: "torchvision", StochasticDepth: 0.2})
}

// efficientnetB4 is torchvision's efficientnet_b4, whose weights are IMAGENET1K_V1.
type efficientnetB4 struct{}

func (efficientnetB4) efficientnet() efficientnet {
	return efficientnetB0{}.efficientnet().scaled(1.4, 1.8).from("efficientnet_b4_rwightman-23ab8bcd.pth", 74.489)
}
