package model

func init() {
	Backbones.Add("dinov2_vitl14_reg", "DINOv2 ViT-L/14 with four registers (Darcet et al. 2024), whose maps have no outliers; images of any size in multiples of 14", DINOv2[dinov2ViTL14Reg]{Features: "class"})
}

// dinov2ViTL14Reg is dinov2_vitl14_reg of dinov2/hub/backbones.py.
type dinov2ViTL14Reg struct{}

func (dinov2ViTL14Reg) dinov2() dinov2 {
	d := dinov2Of(1024, 16, 24, true)
	d.release = lvd142m("vitl14", "dinov2_vitl14_reg4_pretrain.pth", 1161.201, "36e4deffbaef061a2576705b0c36f93621e2ae20bf6274694821b0b492551b51")
	return d
}
