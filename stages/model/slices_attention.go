package model

import "vertebra/stages/internal/torch"

func init() {
	Poolings.Add("attention", "a weighted mean of the slices, by weights that the net gives them (Ilse et al. 2018)",
		plainAttention)
}

// plainAttention has the paper's sizes.
var plainAttention = Attention{Units: 128, Gated: true, Branches: 1}

// Attention is the attention pooling of multiple-instance learning (Ilse, Tomczak and
// Welling 2018, "Attention-based deep multiple instance learning", equations 7 to 9): slice
// s weighs softmaxₛ(w·(tanh(V·hₛ) ⊙ sigmoid(U·hₛ))), the second factor where it is gated.
type Attention struct {
	Units    int  `help:"numbers between a slice's features and its weight" min:"1" max:"4096"`
	Gated    bool `help:"the gated form of the paper"`
	Branches int  `help:"how many weighted means lie side by side, each by weights of its own" min:"1" max:"64"`
}

// Build makes the three linear layers.
func (a Attention) Build(p torch.Path, _, features int64) (torch.Module, int64) {
	m := &attention{Attention: a, v: torch.NewLinear(p.Sub("attention_v"), features, int64(a.Units))}
	if a.Gated {
		m.u = torch.NewLinear(p.Sub("attention_u"), features, int64(a.Units))
	}
	m.w = torch.NewLinear(p.Sub("attention_w"), int64(a.Units), int64(a.Branches))
	return m, features * int64(a.Branches)
}

type attention struct {
	Attention
	v, u, w *torch.Linear
}

// Forward makes means_B(branches·F) of features_BSF.
func (m *attention) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	hidden := p.Tanh(m.v.Forward(p, x))
	if m.Gated {
		hidden = p.Mul(hidden, p.Sigmoid(m.u.Forward(p, x)))
	}
	weights_BSN := p.SoftmaxOver(m.w.Forward(p, hidden), 1)
	return p.Flatten(p.MatMul(p.Transpose(weights_BSN, 1, 2), x))
}

// Fixed says whether nothing of it is trained.
func (m *attention) Fixed() bool {
	return m.v.Fixed() && m.w.Fixed() && (m.u == nil || m.u.Fixed())
}
