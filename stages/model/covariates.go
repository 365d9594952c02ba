package model

import (
	"context"
	"errors"
	"math"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// Beside says how covariates enter a net.
type Beside struct {
	Units   int     `help:"a layer of so many units, with a ReLU, between the covariates and the features of the image, which they stand beside then; 0: they stand there as they are" min:"0" max:"4096"`
	Dropout float64 `help:"share of the training samples that go without, as if nothing were known of them: the image has to do alone" min:"0" under:"1"`
}

// build makes the layer behind features of the image; it belongs to the head.
func (b Beside) build(root torch.Path, covariates stage.Covariates, features int64) (torch.Module, int64) {
	p, width := root.Sub("head").Sub("covariates"), int64(len(covariates.Columns()))
	m := &beside{Beside: b, name: p.Name(), factor: p.Buffer("factor", torch.Constant(1), 1, width), offset: p.Buffer("offset", torch.Constant(0), 1, width)}
	if b.Units == 0 {
		return m, features + width
	}
	m.dense = torch.NewLinear(p, width, int64(b.Units))
	return m, features + int64(b.Units)
}

// beside lays the covariates of each sample beside its features.
type beside struct {
	Beside
	name           string
	factor, offset *torch.Parameter // (1, V): what makes standard scores of numbers, see Standardise
	dense          *torch.Linear    // nil: none
}

// Forward makes features_B(F+U) of features_BF and the pass's covariates_BV, in float32.
func (m *beside) Forward(p *torch.Pass, x torch.Tensor) torch.Tensor {
	if !p.Covariates.Valid() {
		p.Fail(errors.New("the net takes covariates of each sample, and was given none"))
		return torch.Tensor{}
	}
	return p.InFloat32(func() torch.Tensor {
		z := m.standardised(p, m.known(p))
		if m.dense != nil {
			z = p.ReLU(m.dense.Forward(p, z))
		}
		return p.Stack(p.To(x, torch.Float32), z)
	})
}

// known leaves some samples out in training, all of whose numbers are 0 then. The others are
// not scaled: they are inputs, whose sizes mean something.
func (m *beside) known(p *torch.Pass) torch.Tensor {
	if !p.Train || m.Dropout == 0 {
		return p.Covariates
	}
	return p.Times(torch.StochasticDepth{Name: m.name, P: m.Dropout}.Forward(p, p.Covariates), 1-m.Dropout)
}

// standardised is value · factor + known · offset, where known stands behind each value. It
// is no product of matrices, which on a GPU may round what comes in: the years of a century
// to a handful. What is further out than any patient is mostly a slip of the pen, or a word for
// "unknown" such as 999, and says no more than that it is far.
func (m *beside) standardised(p *torch.Pass, x_BV torch.Tensor) torch.Tensor {
	width := m.factor.Shape[1]
	next := p.Stack(p.Narrow(x_BV, 1, 1, width-1), p.Narrow(x_BV, 1, 0, 1))
	return p.Clamp(p.Scale(x_BV, m.factor.Tensor, p.Mul(next, m.offset.Tensor)), -furthestOut, furthestOut)
}

// furthestOut is how many standard deviations from the mean count.
const furthestOut = 10

// Fixed is false: what lies before it is computed once for an image, and covariates are not.
func (*beside) Fixed() bool { return false }

// Random says whether it leaves some out in training.
func (m *beside) Random() bool { return m.Dropout > 0 }

// Standardise has numbers enter less their mean over some samples, in standard deviations
// (of the population); of a number that is not known, 0. A number that is the same in all
// samples stays as it is, less that. What none of the samples has, such as a category's value
// of validation cases alone, is 0 for ever: the weights of it would be those of chance.
func (n *Net) Standardise(ctx context.Context, samples []map[string]string) error {
	for _, layer := range n.body {
		if m, ok := layer.(*beside); ok {
			return n.engine.Do(ctx, func(s *torch.Scope) error {
				factor, offset := standard(n.Task.Covariates, samples)
				s.Copy(m.factor.Tensor, s.FromFloat32(factor, m.factor.Shape...))
				s.Copy(m.offset.Tensor, s.FromFloat32(offset, m.offset.Shape...))
				return s.Err()
			})
		}
	}
	return nil
}

// standard gives (value − mean·known) / std for numbers, and leaves all else as it is. The
// factor of what no sample has is 0.
func standard(covariates stage.Covariates, samples []map[string]string) (factor, offset []float32) {
	var rows [][]float32
	for _, tags := range samples {
		rows = append(rows, covariates.Row(tags))
	}
	for i, number := range covariates.Numbers() {
		mean, std, tells := 0.0, 1.0, i
		if number {
			mean, std = spreadOf(rows, i)
			tells = i + 1
		}
		if !slices.ContainsFunc(rows, func(row []float32) bool { return row[tells] != 0 }) {
			mean, std = 0, math.Inf(1)
		}
		factor, offset = append(factor, float32(1/std)), append(offset, float32(-mean/std))
	}
	return factor, offset
}

// leastSpread is below any standard deviation that float32 can hold the inverse of.
const leastSpread = 1e-30

// spreadOf is the mean and the standard deviation of a column where the next one is 1.
func spreadOf(rows [][]float32, column int) (mean, std float64) {
	var n, sum, squares float64
	for _, row := range rows {
		n, sum = n+float64(row[column+1]), sum+float64(row[column])
	}
	if mean = sum / max(1, n); n == 0 {
		return 0, 1
	}
	for _, row := range rows {
		squares += float64(row[column+1]) * (float64(row[column]) - mean) * (float64(row[column]) - mean)
	}
	if std = math.Sqrt(squares / n); std < leastSpread {
		std = 1
	}
	return mean, std
}

// CovariateInput makes covariates_BV of some samples' rows; without any covariates there is no tensor.
func (n *Net) CovariateInput(s *torch.Scope, rows [][]float32) torch.Tensor {
	width := len(n.Task.Covariates.Columns())
	if width == 0 {
		return torch.Tensor{}
	}
	return s.FromFloat32(slices.Concat(rows...), int64(len(rows)), int64(width))
}

// unknownCovariates are the rows of samples of which nothing is known.
func (n *Net) unknownCovariates(samples int) [][]float32 {
	return slices.Repeat([][]float32{n.Task.Covariates.Row(nil)}, samples)
}
