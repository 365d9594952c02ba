package model

func init() {
	Backbones.Add("regnet_y_8gf", "regnet_y_400mf for twenty times the work (Radosavovic et al. 2020), as in torchvision", RegNet[regNetY8GF]{})
}

// regNetY8GF is torchvision's regnet_y_8gf.
type regNetY8GF struct{}

func (regNetY8GF) regNet() regNet {
	return regNet{widths: [4]int64{224, 448, 896, 2016}, blocks: [4]int{2, 4, 10, 1}, group: 56}.
		from("regnet_y_8gf-dc2b1b54.pth", "regnet_y_8gf-d0d0e4a8.pth", 150.701)
}
