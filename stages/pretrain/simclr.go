package pretrain

import (
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
)

func init() {
	Methods.Add("simclr", "tells the other view of an image among all views of the batch (Chen et al. 2020); gains by larger batches",
		SimCLR{Temperature: 0.1, Hidden: 2048, Projection: 128})
}

// SimCLR is the loss NT-Xent (Chen, Kornblith, Norouzi and Hinton 2020, A Simple Framework for
// Contrastive Learning of Visual Representations, equation 1; lightly.loss.NTXentLoss): with cosines
// s_ij of projections and the other view i' of i,
//
//	loss = mean over i of −log( exp(s_ii'/τ) / Σ_{k≠i} exp(s_ik/τ) )
type SimCLR struct {
	Temperature float64 `help:"divides the cosines; a smaller one looks at the most similar images more" over:"0"`
	Hidden      int     `help:"width of the hidden layer of the projection, which is thrown away afterwards" min:"1" max:"65536"`
	Projection  int     `help:"numbers that a view becomes" min:"1" max:"65536"`
}

// Head is one hidden layer.
func (m SimCLR) Head() []registry.One[model.Layer] { return layers(1, m.Hidden) }

// Width is P.
func (m SimCLR) Width() int { return m.Projection }

// Loss is the cross-entropy of the other view.
func (m SimCLR) Loss(s *torch.Scope, z_NP torch.Tensor) torch.Tensor {
	shape := s.Describe(z_NP).Shape
	if s.Err() != nil {
		return torch.Tensor{}
	}
	z_NP = unit(s, z_NP)
	cosines_NN := s.MatMul(z_NP, s.Transpose(z_NP, 0, 1))
	partners := make([]int64, shape[0])
	for i := range partners {
		partners[i] = int64(i - i%2) // among the others: a second view stands one place lower there
	}
	logits := s.Times(offDiagonal(s, cosines_NN), 1/m.Temperature)
	return s.CrossEntropy(logits, s.FromInt64(partners, shape[0]), torch.Tensor{}, torch.ReduceMean, 0)
}
