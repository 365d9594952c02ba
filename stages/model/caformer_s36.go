package model

func init() {
	Backbones.Add("caformer_s36", "caformer_s18 with twice as many blocks (Yu et al. 2024), as in timm", CAFormer[caformerS36]{StochasticDepth: 0.3})
}

// caformerS36 is timm's caformer_s36.
type caformerS36 struct{}

func (caformerS36) caformer() caformer {
	return caformer{widths: [4]int64{64, 128, 320, 512}, blocks: [4]int{3, 12, 18, 3}}
}
