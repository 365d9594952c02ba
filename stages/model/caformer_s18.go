package model

func init() {
	Backbones.Add("caformer_s18", "two stages of separable convolutions and two of attention, with squares for activations (Yu et al. 2024), as in timm; images of any size", CAFormer[caformerS18]{StochasticDepth: 0.15})
}

// caformerS18 is timm's caformer_s18.
type caformerS18 struct{}

func (caformerS18) caformer() caformer {
	return caformer{widths: [4]int64{64, 128, 320, 512}, blocks: [4]int{3, 3, 9, 3}}
}
