package model

func init() {
	Backbones.Add("swin_v2_b", "swin_v2_s with a third more channels and heads (Liu et al. 2022), as in torchvision", SwinV2[swinV2B]{Window: 8, TrainedPixels: 256, SmallMaps: "pad", StochasticDepth: 0.5})
}

// swinV2B is torchvision's swin_v2_b, whose weights are IMAGENET1K_V1.
type swinV2B struct{}

func (swinV2B) swinV2() (swin, Release) {
	return swin{width: 128, heads: 4, blocks: [4]int{2, 2, 18, 2}}, Release{Word: "imagenet", File: "swin_v2_b-781e5279.pth", MiB: 336.372}
}
