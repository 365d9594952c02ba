package model

func init() {
	Backbones.Add("regnet_y_16gf", "regnet_y_400mf for forty times the work (Radosavovic et al. 2020), as in torchvision", RegNet[regNetY16GF]{})
}

// regNetY16GF is torchvision's regnet_y_16gf.
type regNetY16GF struct{}

func (regNetY16GF) regNet() regNet {
	return regNet{widths: [4]int64{224, 448, 1232, 3024}, blocks: [4]int{2, 4, 11, 1}, group: 112}.
		from("regnet_y_16gf-3e4a00f9.pth", "regnet_y_16gf-9e6ed7dd.pth", 319.49)
}
