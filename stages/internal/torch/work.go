package torch

// Work lists what a pass multiplies, in the order of computing. A nil *Work lists
// nothing.
type Work []Multiplied

// Multiplied is what one layer's weight took part in.
type Multiplied struct {
	Weight   string // its name
	Products int64  // multiply-adds of the forward pass; 0 for what only scales
	// Inner marks products of two numbers of images, as attention has them: Weight is that
	// of the layer, and a backward pass is about both factors.
	Inner bool
}

// add notes a layer that made y: each number of y is a sum of as many products as the
// weight has for one of its first places.
func (p *Pass) add(weight *Parameter, y Tensor) Tensor {
	if p.Work != nil && y.Valid() {
		each := int64(weight.Elements()) / weight.Shape[0]
		*p.Work = append(*p.Work, Multiplied{Weight: weight.Name, Products: int64(p.Describe(y).Elements()) * each})
	}
	return y
}

// Scales notes a weight that multiplies each number once, or is added to it, which counts
// nothing: of it matters only whether a gradient is wanted.
func (p *Pass) Scales(weight *Parameter, y Tensor) Tensor {
	if p.Work != nil {
		*p.Work = append(*p.Work, Multiplied{Weight: weight.Name})
	}
	return y
}

// inner notes that each number of y is a sum of so many products of other numbers.
func (p *Pass) inner(weight *Parameter, y Tensor, each int64) Tensor {
	if p.Work != nil && y.Valid() {
		*p.Work = append(*p.Work, Multiplied{weight.Name, int64(p.Describe(y).Elements()) * each, true})
	}
	return y
}

// Products adds up the multiply-adds of the forward pass; none of a nil *Work.
func (w *Work) Products() (n int64) {
	if w == nil {
		return 0
	}
	for _, m := range *w {
		n += m.Products
	}
	return n
}

// Count adds up the multiply-adds of the forward pass, and of a backward pass that
// gives the gradients of the trained weights: each layer's products once for its weight,
// and once for what the layer took in where something below it is trained. That is what
// torch.utils.flop_counter counts, two operations a product; but of the first trained
// layer's neighbours beside it, such as a shortcut, the second is counted in any case.
func (w Work) Count(trained func(weight string) bool) (forward, backward int64) {
	below := false
	for _, m := range w {
		forward += m.Products
		own := trained(m.Weight)
		if own || m.Inner && below {
			backward += m.Products
		}
		if below {
			backward += m.Products
		}
		below = below || own
	}
	return forward, backward
}
