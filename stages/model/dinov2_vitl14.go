package model

func init() {
	Backbones.Add("dinov2_vitl14", "DINOv2 ViT-L/14, 304 million parameters (Oquab et al. 2024); images of any size in multiples of 14", DINOv2[dinov2ViTL14]{Features: "class"})
}

// dinov2ViTL14 is dinov2_vitl14 of dinov2/hub/backbones.py.
type dinov2ViTL14 struct{}

func (dinov2ViTL14) dinov2() dinov2 {
	d := dinov2Of(1024, 16, 24, false)
	d.release = lvd142m("vitl14", "dinov2_vitl14_pretrain.pth", 1161.181, "d5383ea8f4877b2472eb973e0fd72d557c7da5d3611bd527ceeb1d7162cbf428")
	return d
}
