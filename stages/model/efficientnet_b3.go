package model

func init() {
	Backbones.Add("efficientnet_b3", "efficientnet_b0 with 1.4 times as many blocks in a stage and 1.2 times the channels (Tan and Le 2019), as in torchvision", EfficientNet[efficientnetB3]{Variant: "torchvision", StochasticDepth: 0.2})
}

// efficientnetB3 is torchvision's efficientnet_b3, whose weights are IMAGENET1K_V1.
type efficientnetB3 struct{}

func (efficientnetB3) efficientnet() efficientnet {
	return efficientnetB0{}.efficientnet().scaled(1.2, 1.4).from("efficientnet_b3_rwightman-b3899882.pth", 47.184)
}
