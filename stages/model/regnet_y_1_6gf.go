package model

func init() {
	Backbones.Add("regnet_y_1_6gf", "regnet_y_400mf for four times the work (Radosavovic et al. 2020), as in torchvision", RegNet[regNetY1600MF]{})
}

// regNetY1600MF is torchvision's regnet_y_1_6gf.
type regNetY1600MF struct{}

func (regNetY1600MF) regNet() regNet {
	return regNet{widths: [4]int64{48, 120, 336, 888}, blocks: [4]int{2, 6, 17, 2}, group: 24}.
		from("regnet_y_1_6gf-0d7bc02a.pth", "regnet_y_1_6gf-b11a554e.pth", 43.152)
}
