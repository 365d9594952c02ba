package torch

import "slices"

// Linear is torch.nn.Linear.
type Linear struct {
	Weight *Parameter // (out, in)
	Bias   *Parameter // (out), or nil
	beside *correction
}

// NewLinear makes a fully connected layer under the path.
func NewLinear(p Path, in, out int64) *Linear {
	return NewLinearOf(p, in, out, FanIn(in), FanIn(in))
}

// NewLinearOf makes one whose first weights are others than PyTorch's; one without bias
// where bias is nil.
func NewLinearOf(p Path, in, out int64, weight, bias Init) *Linear {
	l := &Linear{Weight: p.Parameter("weight", weight, out, in)}
	if bias != nil {
		l.Bias = p.Parameter("bias", bias, out)
	}
	l.beside = p.correction(in, out)
	return l
}

// Forward makes features_BO of features_BI.
func (l *Linear) Forward(p *Pass, x Tensor) Tensor {
	return l.beside.onto(p, x, p.add(l.Weight, p.linear(x, l.Weight.Tensor, optional(l.Bias))))
}

// Extent is that of maps whose channels lie last: of each place the layer makes others.
func (l *Linear) Extent(e Extent) Extent {
	e.Channels = l.Weight.Shape[0]
	return e
}

// Fixed says whether nothing of it is trained.
func (l *Linear) Fixed() bool { return frozen(l.Weight, l.Bias) && l.beside.fixed() }

// SharedLinear gives outputs that differ by their bias alone: w·x + bₖ, as the head
// of CORAL (Cao, Mirjalili and Raschka 2020, section 3.3; coral_pytorch's CoralLayer).
// Of several blocks of outputs each has a w of its own.
type SharedLinear struct {
	Weight *Parameter // (blocks, in)
	Bias   *Parameter // (Σ outputs), those of one block after those of the one before
	each   []int      // outputs of each block
}

// NewSharedLinear makes the layer under the path. The biases begin in falling order,
// as answers to "worse than k?" are: (out − k) / out for k from 0, as CoralLayer's. each
// is how many outputs a block has.
func NewSharedLinear(p Path, in int64, each []int) *SharedLinear {
	all := int64(0)
	for _, out := range each {
		all += int64(out)
	}
	return &SharedLinear{Weight: p.Parameter("weight", FanIn(in), int64(len(each)), in), Bias: p.Parameter("bias", falling(each), all), each: each}
}

func falling(each []int) Init {
	return func(s *Scope, t Tensor, _ uint64) {
		var values []float32
		for _, out := range each {
			for k := range out {
				values = append(values, float32(out-k)/float32(out))
			}
		}
		s.Copy(t, s.FromFloat32(values, int64(len(values))))
	}
}

// Forward makes logits_BO of features_BI.
func (l *SharedLinear) Forward(p *Pass, x Tensor) Tensor {
	in, all := l.Weight.Shape[1], l.Bias.Shape[0]
	return p.add(l.Weight, p.linear(x, p.Reshape(l.rows(p), all, in), l.Bias.Tensor))
}

// rows repeats the weights of each block for each of its outputs: (Σ outputs, in), or
// (blocks, outputs, in) of blocks that are alike.
func (l *SharedLinear) rows(p *Pass) (out Tensor) {
	blocks, in := l.Weight.Shape[0], l.Weight.Shape[1]
	if alike := slices.Repeat(l.each[:1], len(l.each)); slices.Equal(l.each, alike) {
		return p.Expand(p.Reshape(l.Weight.Tensor, blocks, 1, in), blocks, int64(l.each[0]), in)
	}
	weights_1QI := p.Reshape(l.Weight.Tensor, 1, blocks, in) // Stack joins the second dimension
	for block, outputs := range l.each {
		of := p.Expand(p.Narrow(weights_1QI, 1, int64(block), 1), 1, int64(outputs), in)
		if out.Valid() {
			of = p.Stack(out, of)
		}
		out = of
	}
	return out
}

// Fixed says whether nothing of it is trained.
func (l *SharedLinear) Fixed() bool { return frozen(l.Weight, l.Bias) }
