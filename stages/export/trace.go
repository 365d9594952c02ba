package export

import (
	"fmt"
	"math"

	"vertebra/stages/internal/torch"
)

// The names of what goes in and comes out.
const (
	inputName         = "images"
	covariatesName    = "covariates"
	probabilitiesName = "probabilities"
	logitsName        = "logits"
)

// traced is the batch of the trace. Others are tried after it: a size that the graph kept
// would show.
const traced = 2

var tried = []int64{1, traced, 3}

// trace records the nets, views, means and calibration as one graph.
func (e *exporter) trace(s *torch.Scope) (*torch.Script, error) {
	var weights []torch.Named
	for i, m := range e.members {
		prefix := ""
		if len(e.members) > 1 {
			prefix = fmt.Sprintf("member%d.", i+1)
		}
		weights = append(weights, m.named(prefix)...)
	}
	x := e.random(s, traced)
	var inputs []torch.Named
	for i, t := range x.tensors() {
		inputs = append(inputs, torch.Named{Name: e.inputs()[i], Tensor: t})
	}
	return s.Trace(inputs, weights, func() []torch.Tensor {
		probabilities, logits := e.answers(s, x)
		return []torch.Tensor{probabilities, logits}
	})
}

// inputs names what goes in.
func (e *exporter) inputs() []string {
	if len(e.Names.Covariates) == 0 {
		return []string{inputName}
	}
	return []string{inputName, covariatesName}
}

// random makes a batch of noise in [0, 1].
func (e *exporter) random(s *torch.Scope, batch int64) (x given) {
	x.images = s.Zeros(torch.Float32, append([]int64{batch}, e.input()...)...)
	s.FillUniform(x.images, 0, 1, uint64(batch))
	if width := int64(len(e.Names.Covariates)); width > 0 {
		x.covariates = s.Zeros(torch.Float32, batch, width)
		s.FillUniform(x.covariates, 0, 1, uint64(batch)+1)
	}
	return x
}

// verify runs a script beside the nets, with several batch sizes, and gives the largest
// difference of a probability. Calibration and blend beside it are evaluate's own.
func (e *exporter) verify(s *torch.Scope, script *torch.Script) (largest float64, err error) {
	for _, batch := range tried {
		err := s.Try(func(s *torch.Scope) {
			s.NoGrad(func() {
				x := e.random(s, batch)
				got := script.Forward(s, x.tensors(), 2)
				probabilities, logits := e.said(s, x)
				largest = max(largest, furthest(s.Float64s(got[0]), probabilities, 0), furthest(s.Float64s(got[1]), logits, 1))
			})
		})
		if err != nil {
			return 0, fmt.Errorf("trying the graph with %d images: %w", batch, err)
		}
	}
	if limit := e.tolerance(); !(largest <= limit) {
		return largest, fmt.Errorf("the graph does not give what the nets give: answers to noise images differ by up to %.2g, and no more than %.2g is rounding; nothing was written", largest, limit)
	}
	return largest, nil
}

// tolerance is the largest difference that rounding explains: both sides compute in
// float32, in another order, and calibrations multiply what logarithms differ by.
func (e *exporter) tolerance() float64 {
	steepest := 1.0
	for _, m := range e.members {
		steepest = max(steepest, e.calibration(m.Calibrator).steepest())
	}
	return 1e-4 * steepest * e.calibration(e.finalCalibrator()).steepest()
}

// furthest is the largest difference; with relative, of numbers beyond 1 the part of them.
// What is no number is as far as can be.
func furthest(got, want []float64, relative float64) (largest float64) {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	for i, w := range want {
		d := math.Abs(got[i]-w) / max(1, relative*math.Abs(w))
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		largest = max(largest, d)
	}
	return largest
}
