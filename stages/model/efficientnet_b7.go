package model

func init() {
	Backbones.Add("efficientnet_b7", "efficientnet_b0 with 3.1 times as many blocks in a stage and twice the channels (Tan and Le 2019), as in torchvision", EfficientNet[efficientnetB7]{Variant: "torchvision", StochasticDepth: 0.2})
}

// efficientnetB7 is torchvision's efficientnet_b7, whose weights are IMAGENET1K_V1.
type efficientnetB7 struct{}

func (efficientnetB7) efficientnet() efficientnet {
	net := efficientnetB0{}.efficientnet().scaled(2, 3.1).from("efficientnet_b7_lukemelas-c5b4e57e.pth", 254.675)
	net.eps, net.share = tensorflowEps, 0.01
	return net
}
