package model

func init() {
	Backbones.Add("efficientnet_b5", "efficientnet_b0 with 2.2 times as many blocks in a stage and 1.6 times the channels (Tan and Le 2019), as in torchvision", EfficientNet[efficientnetB5]{Variant: "torchvision", StochasticDepth: 0.2})
}

// efficientnetB5 is torchvision's efficientnet_b5, whose weights are IMAGENET1K_V1. From this one on
// torchvision has TensorFlow's epsilon and momentum.
type efficientnetB5 struct{}

func (efficientnetB5) efficientnet() efficientnet {
	net := efficientnetB0{}.efficientnet().scaled(1.6, 2.2).from("efficientnet_b5_lukemelas-1a07897c.pth", 116.864)
	net.eps, net.share = tensorflowEps, 0.01
	return net
}
