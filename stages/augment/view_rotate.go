package augment

func init() {
	Views.Add("rotate", "the image turned about its centre", RotateView{Degrees: 10})
}

// RotateView turns the image, counter-clockwise where positive.
type RotateView struct {
	Degrees float64 `help:"the angle" unit:"°" min:"-180" max:"180"`
}

// Matrix turns.
func (v RotateView) Matrix(Size) Matrix { return rotation(v.Degrees) }
