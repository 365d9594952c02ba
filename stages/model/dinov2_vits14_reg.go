package model

func init() {
	Backbones.Add("dinov2_vits14_reg", "DINOv2 ViT-S/14 with four registers (Darcet et al. 2024), whose maps have no outliers; images of any size in multiples of 14", DINOv2[dinov2ViTS14Reg]{Features: "class"})
}

// dinov2ViTS14Reg is dinov2_vits14_reg of dinov2/hub/backbones.py.
type dinov2ViTS14Reg struct{}

func (dinov2ViTS14Reg) dinov2() dinov2 {
	d := dinov2Of(384, 6, 12, true)
	d.release = lvd142m("vits14", "dinov2_vits14_reg4_pretrain.pth", 84.202, "f433177089a681826f849f194ece3bb48f4d63fb38d32fc837e3dc7a4e5641fb")
	return d
}
