package model

func init() {
	Backbones.Add("regnet_y_800mf", "regnet_y_400mf for twice the work (Radosavovic et al. 2020), as in torchvision", RegNet[regNetY800MF]{})
}

// regNetY800MF is torchvision's regnet_y_800mf.
type regNetY800MF struct{}

func (regNetY800MF) regNet() regNet {
	return regNet{widths: [4]int64{64, 144, 320, 784}, blocks: [4]int{1, 3, 8, 2}, group: 16}.
		from("regnet_y_800mf-58fc7688.pth", "regnet_y_800mf-1b27b58c.pth", 24.774)
}
