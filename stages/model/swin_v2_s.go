package model

func init() {
	Backbones.Add("swin_v2_s", "swin_v2_t with more blocks (Liu et al. 2022), as in torchvision", SwinV2[swinV2S]{Window: 8, TrainedPixels: 256, SmallMaps: "pad", StochasticDepth: 0.3})
}

// swinV2S is torchvision's swin_v2_s, whose weights are IMAGENET1K_V1.
type swinV2S struct{}

func (swinV2S) swinV2() (swin, Release) {
	return swin{width: 96, heads: 3, blocks: [4]int{2, 2, 18, 2}}, Release{Word: "imagenet", File: "swin_v2_s-637d8ceb.pth", MiB: 190.675}
}
