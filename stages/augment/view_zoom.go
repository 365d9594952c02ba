package augment

func init() {
	Views.Add("zoom", "the image magnified about its centre", ZoomView{Factor: 1.1})
}

// ZoomView magnifies the image.
type ZoomView struct {
	Factor float64 `help:"magnification; below 1 shrinks" over:"0" max:"10"`
}

// Matrix magnifies.
func (v ZoomView) Matrix(Size) Matrix { return magnification(v.Factor, v.Factor) }
