package model

func init() {
	Backbones.Add("dinov2_vitb14_reg", "DINOv2 ViT-B/14 with four registers (Darcet et al. 2024), whose maps have no outliers; images of any size in multiples of 14", DINOv2[dinov2ViTB14Reg]{Features: "class"})
}

// dinov2ViTB14Reg is dinov2_vitb14_reg of dinov2/hub/backbones.py.
type dinov2ViTB14Reg struct{}

func (dinov2ViTB14Reg) dinov2() dinov2 {
	d := dinov2Of(768, 12, 12, true)
	d.release = lvd142m("vitb14", "dinov2_vitb14_reg4_pretrain.pth", 330.347, "73182a088cf94833c94b1666d1c99e02fe87e2007bff57b564fb6206e25dba71")
	return d
}
