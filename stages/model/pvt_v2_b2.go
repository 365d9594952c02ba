package model

func init() {
	Backbones.Add("pvt_v2_b2", "transformer of four stages whose places look at smaller maps (Wang et al. 2022), as in timm; images of any size from 32 pixels on", PVTv2[pvtV2B2]{StochasticDepth: 0.1})
}

// pvtV2B2 is timm's pvt_v2_b2.
type pvtV2B2 struct{}

func (pvtV2B2) pvt() pvt {
	return pvt{widths: [4]int64{64, 128, 320, 512}, heads: [4]int64{1, 2, 5, 8}, wider: [4]int64{8, 8, 4, 4}, blocks: [4]int{3, 4, 6, 3}}
}
