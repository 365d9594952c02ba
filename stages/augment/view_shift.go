package augment

func init() {
	Views.Add("shift", "the image moved", ShiftView{X: 0.05})
}

// ShiftView moves the image.
type ShiftView struct {
	X float64 `help:"move to the right, as a share of the width" min:"-1" max:"1"`
	Y float64 `help:"move downwards, as a share of the height" min:"-1" max:"1"`
}

// Matrix moves.
func (v ShiftView) Matrix(size Size) Matrix { return translation(v.X*size.Width, v.Y*size.Height) }
