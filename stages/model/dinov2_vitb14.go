package model

func init() {
	Backbones.Add("dinov2_vitb14", "DINOv2 ViT-B/14, 86 million parameters (Oquab et al. 2024); images of any size in multiples of 14", DINOv2[dinov2ViTB14]{Features: "class"})
}

// dinov2ViTB14 is dinov2_vitb14 of dinov2/hub/backbones.py.
type dinov2ViTB14 struct{}

func (dinov2ViTB14) dinov2() dinov2 {
	d := dinov2Of(768, 12, 12, false)
	d.release = lvd142m("vitb14", "dinov2_vitb14_pretrain.pth", 330.332, "0b8b82f85de91b424aded121c7e1dcc2b7bc6d0adeea651bf73a13307fad8c73")
	return d
}
