package model

func init() {
	Backbones.Add("regnet_y_400mf", "residual net with groups and squeeze-and-excitation, found by a search of designs (Radosavovic et al. 2020), for 0.4 billion multiply-adds at 224 pixels, as in torchvision", RegNet[regNetY400MF]{})
}

// regNetY400MF is torchvision's regnet_y_400mf.
type regNetY400MF struct{}

func (regNetY400MF) regNet() regNet {
	return regNet{widths: [4]int64{48, 104, 208, 440}, blocks: [4]int{1, 3, 6, 6}, group: 8}.
		from("regnet_y_400mf-e6988f5f.pth", "regnet_y_400mf-c65dace8.pth", 16.806)
}
