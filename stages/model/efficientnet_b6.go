package model

func init() {
	Backbones.Add("efficientnet_b6", "efficientnet_b0 with 2.6 times as many blocks in a stage and 1.8 times the channels (Tan and Le 2019), as in torchvision", EfficientNet[efficientnetB6]{Variant: "torchvision", StochasticDepth: 0.2})
}

// efficientnetB6 is torchvision's efficientnet_b6, whose weights are IMAGENET1K_V1.
type efficientnetB6 struct{}

func (efficientnetB6) efficientnet() efficientnet {
	net := efficientnetB0{}.efficientnet().scaled(1.8, 2.6).from("efficientnet_b6_lukemelas-24a108a5.pth", 165.362)
	net.eps, net.share = tensorflowEps, 0.01
	return net
}
