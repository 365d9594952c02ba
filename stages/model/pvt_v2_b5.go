package model

func init() {
	Backbones.Add("pvt_v2_b5", "pvt_v2_b4 with more blocks that are less wide within (Wang et al. 2022), as in timm", PVTv2[pvtV2B5]{StochasticDepth: 0.3})
}

// pvtV2B5 is timm's pvt_v2_b5.
type pvtV2B5 struct{}

func (pvtV2B5) pvt() pvt {
	return pvt{widths: [4]int64{64, 128, 320, 512}, heads: [4]int64{1, 2, 5, 8}, wider: [4]int64{4, 4, 4, 4}, blocks: [4]int{3, 6, 40, 3}}
}
