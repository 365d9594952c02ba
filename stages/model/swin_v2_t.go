package model

func init() {
	Backbones.Add("swin_v2_t", "swin_t with cosines for attention, norms behind the layers, and windows of any size (Liu et al. 2022), as in torchvision", SwinV2[swinV2T]{Window: 8, TrainedPixels: 256, SmallMaps: "pad", StochasticDepth: 0.2})
}

// swinV2T is torchvision's swin_v2_t, whose weights are IMAGENET1K_V1.
type swinV2T struct{}

func (swinV2T) swinV2() (swin, Release) {
	return swin{width: 96, heads: 3, blocks: [4]int{2, 2, 6, 2}}, Release{Word: "imagenet", File: "swin_v2_t-b137f0e2.pth", MiB: 108.626}
}
