package augment

func init() {
	Views.Add("reverse", "the slices of the image in the other order", ReverseView{Sides: "swap"})
}

// ReverseView is Reverse for predictions.
type ReverseView struct {
	Sides string `help:"whether that swaps the classes, and the targets, of left and right (sagittal slices) or keeps them (axial ones); those without a side always stay" oneof:"swap keep"`
}

// Matrix leaves places alone.
func (ReverseView) Matrix(Size) Matrix { return affine(1, 0, 0, 0, 1, 0) }

func (v ReverseView) swaps() bool { return v.Sides == "swap" }

// check is that of the same part in training.
func (v ReverseView) check(names Names, planes []string) error {
	return Reverse{When: Always, Sides: v.Sides}.check(names, planes)
}
