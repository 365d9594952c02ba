package export

import (
	"math"

	"vertebra/stages/evaluate"
	"vertebra/stages/internal/torch"
)

// calibration is a calibration of all targets; none where of is nil.
type calibration struct {
	*exporter
	of *evaluate.FittedCalibrator
}

func (e *exporter) calibration(m *evaluate.FittedCalibrator) calibration { return calibration{e, m} }

// finalCalibrator is the calibration that the graph ends with; nil where there is none.
func (e *exporter) finalCalibrator() *evaluate.FittedCalibrator {
	if e.Raw {
		return nil
	}
	return e.Calibrator
}

// ofTargets are the calibrations of the targets, or the one.
func (m calibration) ofTargets() (out []evaluate.FittedCalibrator) {
	if len(m.Names.Targets) == 0 {
		return []evaluate.FittedCalibrator{*m.of}
	}
	for _, target := range m.Names.Targets {
		out = append(out, m.of.For(target))
	}
	return out
}

// tensor does what evaluate.FittedCalibrator does to probabilities_BK, or (B, T, K), with numbers of its
// own for each target: softmax(scale · ln p + offset).
func (m calibration) tensor(s *torch.Scope, probabilities torch.Tensor) torch.Tensor {
	if m.of == nil {
		return probabilities
	}
	var scale, offset []float32
	for _, of := range m.ofTargets() {
		for k := range m.Names.Classes {
			scale = append(scale, float32(of.Scale[k%len(of.Scale)]))
			o := 0.0
			if len(of.Offset) > 0 {
				o = of.Offset[k]
			}
			offset = append(offset, float32(o))
		}
	}
	shape := append([]int64{1}, m.output()...)
	z := s.Scale(m.logs(s, probabilities), s.FromFloat32(scale, shape...), s.FromFloat32(offset, shape...))
	return m.possible(s, m.apart(s, s.Softmax(s.Reshape(z, -1, int64(len(m.Names.Classes)))), len(m.Names.Classes)))
}

// numbers does so by evaluate itself, in float64: of images one after the other.
func (m calibration) numbers(p []float64) (out []float64) {
	if m.of == nil {
		return p
	}
	k, calibrators := len(m.Names.Classes), m.ofTargets()
	for i := 0; i+k <= len(p); i += k {
		out = append(out, calibrators[i/k%len(calibrators)].Probabilities(p[i:i+k])...)
	}
	mask := m.mask()
	for i := range out {
		if !mask[i%len(mask)] {
			out[i] = 0
		}
	}
	return out
}

// steepest is the largest factor of a logarithm.
func (m calibration) steepest() float64 {
	out := 1.0
	if m.of == nil {
		return out
	}
	for _, of := range m.ofTargets() {
		for _, scale := range of.Scale {
			out = max(out, math.Abs(scale))
		}
	}
	return out
}

func logarithms(p []float64) []float64 {
	out := make([]float64, len(p))
	for i, v := range p {
		out[i] = math.Log(max(v, evaluate.LeastProbability))
	}
	return out
}
