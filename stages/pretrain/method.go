package pretrain

import (
	"fmt"
	"math"

	"gopkg.in/yaml.v3"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/train"
)

// views is how many views of an image are compared.
const views = 2

// Method is what makes projections of views of one image alike, and keeps those of all images from
// becoming one.
type Method interface {
	// Loss gives one number, with gradients, for the projections z_NP of a batch.
	Loss(s *torch.Scope, z_NP torch.Tensor) torch.Tensor
	// Head are the layers of the projection before the last, linear one.
	Head() []registry.One[model.Layer]
	// Width is P.
	Width() int
}

// Methods are the parts.
var Methods = registry.New[Method]("pretraining method")

// objective is a method as what training makes small.
type objective struct{ method registry.One[Method] }

// Of is the loss of the batch; there are no targets.
func (o objective) Of(s *torch.Scope, z_NP torch.Tensor, _ train.Targets) torch.Tensor {
	return s.InFloat32(func() torch.Tensor { return o.method.Part.Loss(s, z_NP) })
}

// Views is two.
func (objective) Views() int { return views }

// Outputs is P, whatever the classes are.
func (o objective) Outputs(int) int { return o.method.Part.Width() }

// Probabilities are the projections themselves.
func (objective) Probabilities(_ *torch.Scope, z_NP torch.Tensor) torch.Tensor { return z_NP }

// BelowZero is false: the sums are of positive numbers.
func (objective) BelowZero() bool { return false }

// Settings are those of the method, as YAML.
func (o objective) Settings() string {
	text, err := yaml.Marshal(registry.Encode(o.method))
	if err != nil {
		return err.Error() // cannot happen: Encode gives plain nodes
	}
	return fmt.Sprintf("pretrain: %s\n", text)
}

// layers are so many of width hidden, each with batch-norm and ReLU behind it.
func layers(count, hidden int) (out []registry.One[model.Layer]) {
	norm, relu := part(model.Layers, "batch_norm"), part(model.Layers, "relu")
	for range count {
		out = append(out, registry.One[model.Layer]{Name: "dense", Part: model.Dense{Units: hidden}}, norm, relu)
	}
	return out
}

// unit scales rows to the Euclidean length 1, as torch.nn.functional.normalize does.
func unit(s *torch.Scope, z_NP torch.Tensor) torch.Tensor {
	shape := s.Describe(z_NP).Shape
	if s.Err() != nil {
		return torch.Tensor{}
	}
	squares_N1 := s.Reshape(s.Times(s.MeanOver(s.Mul(z_NP, z_NP), 1), float64(shape[1])), shape[0], 1)
	const least = 1e-12
	return s.Mul(z_NP, s.Reciprocal(s.Sqrt(s.Clamp(squares_N1, least*least, math.MaxFloat32))))
}

// offDiagonal takes the diagonal out of a square matrix x_NN: (N, N−1).
func offDiagonal(s *torch.Scope, x_NN torch.Tensor) torch.Tensor {
	shape := s.Describe(x_NN).Shape
	if s.Err() != nil {
		return torch.Tensor{}
	}
	n := shape[0]
	// behind the first number, each row of N+1 ends with one of the diagonal
	rest := s.Narrow(s.Reshape(x_NN, n*n), 0, 1, n*n-1)
	return s.Reshape(s.Narrow(s.Reshape(rest, n-1, n+1), 1, 0, n), n, n-1)
}

// pairs takes the first and the second views apart: two of (B, P).
func pairs(s *torch.Scope, z_NP torch.Tensor) (first_BP, second_BP torch.Tensor) {
	shape := s.Describe(z_NP).Shape
	if s.Err() != nil {
		return torch.Tensor{}, torch.Tensor{}
	}
	z_BVP := s.Reshape(z_NP, shape[0]/views, views, shape[1])
	return s.Select(z_BVP, 1, 0), s.Select(z_BVP, 1, 1)
}
