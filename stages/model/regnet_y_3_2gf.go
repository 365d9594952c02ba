package model

func init() {
	Backbones.Add("regnet_y_3_2gf", "regnet_y_400mf for eight times the work (Radosavovic et al. 2020), as in torchvision", RegNet[regNetY3200MF]{})
}

// regNetY3200MF is torchvision's regnet_y_3_2gf.
type regNetY3200MF struct{}

func (regNetY3200MF) regNet() regNet {
	return regNet{widths: [4]int64{72, 216, 576, 1512}, blocks: [4]int{2, 5, 13, 1}, group: 24}.
		from("regnet_y_3_2gf-9180c971.pth", "regnet_y_3_2gf-b5a9779c.pth", 74.567)
}
