package model

func init() {
	Backbones.Add("dinov2_vits14", "DINOv2 ViT-S/14, 22 million parameters (Oquab et al. 2024); images of any size in multiples of 14", DINOv2[dinov2ViTS14]{Features: "class"})
}

// dinov2ViTS14 is dinov2_vits14 of dinov2/hub/backbones.py.
type dinov2ViTS14 struct{}

func (dinov2ViTS14) dinov2() dinov2 {
	d := dinov2Of(384, 6, 12, false)
	d.release = lvd142m("vits14", "dinov2_vits14_pretrain.pth", 84.193, "b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9")
	return d
}
