package model

func init() {
	Backbones.Add("pvt_v2_b4", "pvt_v2_b3 with half as many blocks again (Wang et al. 2022), as in timm", PVTv2[pvtV2B4]{StochasticDepth: 0.3})
}

// pvtV2B4 is timm's pvt_v2_b4.
type pvtV2B4 struct{}

func (pvtV2B4) pvt() pvt {
	return pvt{widths: [4]int64{64, 128, 320, 512}, heads: [4]int64{1, 2, 5, 8}, wider: [4]int64{8, 8, 4, 4}, blocks: [4]int{3, 8, 27, 3}}
}
