package torch

// Linear is torch.nn.Linear.
type Linear struct {
	Weight *Parameter // (out, in)
	Bias   *Parameter // (out), or nil
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
	return l
}

// Forward makes features_BO of features_BI.
func (l *Linear) Forward(p *Pass, x Tensor) Tensor {
	return p.add(l.Weight, p.linear(x, l.Weight.Tensor, optional(l.Bias)))
}

// Fixed says whether nothing of it is trained.
func (l *Linear) Fixed() bool { return frozen(l.Weight, l.Bias) }

// SharedLinear gives outputs that differ by their bias alone: w·x + bₖ, as the head
// of CORAL (Cao, Mirjalili and Raschka 2020, section 3.3; coral_pytorch's CoralLayer).
// Of several blocks of outputs each has a w of its own.
type SharedLinear struct {
	Weight *Parameter // (blocks, in)
	Bias   *Parameter // (blocks·out)
}

// NewSharedLinear makes the layer under the path. The biases begin in falling order,
// as answers to "worse than k?" are: (out − k) / out for k from 0, as CoralLayer's.
func NewSharedLinear(p Path, in, out, blocks int64) *SharedLinear {
	return &SharedLinear{Weight: p.Parameter("weight", FanIn(in), blocks, in), Bias: p.Parameter("bias", falling(out), blocks*out)}
}

func falling(out int64) Init {
	return func(s *Scope, t Tensor, _ uint64) {
		values := make([]float32, s.Describe(t).Elements())
		for k := range values {
			values[k] = float32(out-int64(k)%out) / float32(out)
		}
		s.Copy(t, s.FromFloat32(values, int64(len(values))))
	}
}

// Forward makes logits_BO of features_BI.
func (l *SharedLinear) Forward(p *Pass, x Tensor) Tensor {
	blocks, in, all := l.Weight.Shape[0], l.Weight.Shape[1], l.Bias.Shape[0]
	each := p.Expand(p.Reshape(l.Weight.Tensor, blocks, 1, in), blocks, all/blocks, in)
	return p.add(l.Weight, p.linear(x, p.Reshape(each, all, in), l.Bias.Tensor))
}

// Fixed says whether nothing of it is trained.
func (l *SharedLinear) Fixed() bool { return frozen(l.Weight, l.Bias) }
