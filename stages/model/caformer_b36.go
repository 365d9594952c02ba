package model

func init() {
	Backbones.Add("caformer_b36", "caformer_s36 with more channels (Yu et al. 2024), as in timm", CAFormer[caformerB36]{StochasticDepth: 0.6})
}

// caformerB36 is timm's caformer_b36.
type caformerB36 struct{}

func (caformerB36) caformer() caformer {
	return caformer{widths: [4]int64{128, 256, 512, 768}, blocks: [4]int{3, 12, 18, 3}}
}
