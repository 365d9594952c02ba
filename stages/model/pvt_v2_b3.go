package model

func init() {
	Backbones.Add("pvt_v2_b3", "pvt_v2_b2 with more blocks in its third stage (Wang et al. 2022), as in timm", PVTv2[pvtV2B3]{StochasticDepth: 0.3})
}

// pvtV2B3 is timm's pvt_v2_b3.
type pvtV2B3 struct{}

func (pvtV2B3) pvt() pvt {
	return pvt{widths: [4]int64{64, 128, 320, 512}, heads: [4]int64{1, 2, 5, 8}, wider: [4]int64{8, 8, 4, 4}, blocks: [4]int{3, 4, 18, 3}}
}
