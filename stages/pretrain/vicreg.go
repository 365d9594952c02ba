package pretrain

import (
	"math"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
)

func init() {
	Methods.Add("vicreg", "makes views of an image equal while each number of a projection varies over the batch, and no two of them say the same (Bardes et al. 2022); compares no images, so small batches do",
		VICReg{Invariance: 25, Variance: 25, Covariance: 1, Hidden: 2048, Projection: 2048})
}

// VICReg is the loss of Bardes, Ponce and LeCun 2022, VICReg: Variance-Invariance-Covariance
// Regularization for Self-Supervised Learning, equations 1 to 6 (facebookresearch/vicreg, which halves
// the sum of both views' variance terms; lightly.loss.VICRegLoss): for projections of first and second
// views a, b with the covariances C_a, C_b,
//
//	invariance = mean of (a − b)²
//	variance   = ½ Σ over the two of the mean over P of max(0, 1 − sqrt(var + 1e-4))
//	covariance = Σ over the two of Σ_{i≠j} C_ij² / P
type VICReg struct {
	Invariance float64 `help:"weight of the mean squared difference of two views" min:"0"`
	Variance   float64 `help:"weight of how far standard deviations over the batch are below 1" min:"0"`
	Covariance float64 `help:"weight of the squared covariances of different numbers" min:"0"`
	Hidden     int     `help:"width of the two hidden layers of the projection, which is thrown away afterwards" min:"1" max:"65536"`
	Projection int     `help:"numbers that a view becomes; the paper has 8192" min:"2" max:"65536"`
}

// Head are two hidden layers.
func (m VICReg) Head() []registry.One[model.Layer] { return layers(2, m.Hidden) }

// Width is P.
func (m VICReg) Width() int { return m.Projection }

// Loss is the weighted sum of the three terms.
func (m VICReg) Loss(s *torch.Scope, z_NP torch.Tensor) torch.Tensor {
	a_BP, b_BP := pairs(s, z_NP)
	apart := s.Sub(a_BP, b_BP)
	sum := s.Times(s.Mean(s.Mul(apart, apart)), m.Invariance)
	for _, x_BP := range []torch.Tensor{a_BP, b_BP} {
		variance, covariance := m.spread(s, x_BP)
		sum = s.Add(sum, s.Add(s.Times(variance, m.Variance/2), s.Times(covariance, m.Covariance)))
	}
	return sum
}

// spread are the terms of one view of each image.
func (m VICReg) spread(s *torch.Scope, x_BP torch.Tensor) (variance, covariance torch.Tensor) {
	shape := s.Describe(x_BP).Shape
	if s.Err() != nil {
		return torch.Tensor{}, torch.Tensor{}
	}
	b, p := shape[0], shape[1]
	x_BP = s.Sub(x_BP, s.Reshape(s.MeanOver(x_BP, 0), 1, p))
	var_P := s.Times(s.MeanOver(s.Mul(x_BP, x_BP), 0), float64(b)/float64(b-1))
	one := s.Zeros(torch.Float32, p)
	s.Fill(one, 1)
	std_P := s.Sqrt(s.Add(var_P, s.Times(one, 1e-4)))
	variance = s.Mean(s.Clamp(s.Sub(one, std_P), 0, math.MaxFloat32))
	covariances_PP := s.Times(s.MatMul(s.Transpose(x_BP, 0, 1), x_BP), 1/float64(b-1))
	off := offDiagonal(s, covariances_PP)
	covariance = s.Times(s.Mean(s.Mul(off, off)), float64(p-1)) // of P·(P−1) squares, over P
	return variance, covariance
}
