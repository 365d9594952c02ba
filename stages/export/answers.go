package export

import (
	"vertebra/stages/evaluate"
	"vertebra/stages/internal/torch"
	"vertebra/stages/train"
)

// answers makes probabilities and logits of images_BCHW: the means over the nets, the
// probabilities over the views of test-time augmentation too. (B, K) and (B, O), or
// (B, T, K) and (B, T, O) of several targets. They are not calibrated.
func (e *exporter) answers(s *torch.Scope, images_BCHW torch.Tensor) (probabilities, logits torch.Tensor) {
	for _, weights := range e.nets {
		var said torch.Tensor // of the images as they are, which come first
		var p torch.Tensor
		e.net.Store.With(weights, func() {
			p = e.Train.InViews(s, images_BCHW, train.Asked{Names: e.Names, Slices: e.Layout.Slices}, func(x torch.Tensor) torch.Tensor {
				z := e.net.Forward(&torch.Pass{Scope: s}, x)
				if !said.Valid() {
					said = z
				}
				return z
			})
		})
		if probabilities.Valid() {
			p, said = s.Add(probabilities, p), s.Add(logits, said)
		}
		probabilities, logits = p, said
	}
	if n := len(e.nets); n > 1 {
		share := s.FromFloat32([]float32{1 / float32(n)}, 1)
		probabilities, logits = s.Mul(probabilities, share), s.Mul(logits, share)
	}
	return e.apart(s, probabilities, len(e.Names.Classes)), e.apart(s, logits, e.Task.Each)
}

// apart gives each target a row of its own, where there are several.
func (e *exporter) apart(s *torch.Scope, x torch.Tensor, each int) torch.Tensor {
	if len(e.Names.Targets) == 0 {
		return x
	}
	return s.Reshape(x, -1, int64(len(e.Names.Targets)), int64(each))
}

// calibrated does what evaluate.Mend does: softmax(scale · ln p + offset), with numbers of
// its own for each target.
func (e *exporter) calibrated(s *torch.Scope, probabilities torch.Tensor) torch.Tensor {
	if !e.mends() {
		return probabilities
	}
	var scale, offset []float32
	for _, m := range e.ofTargets() {
		for k := range e.Names.Classes {
			scale = append(scale, float32(m.Scale[k%len(m.Scale)]))
			o := 0.0
			if len(m.Offset) > 0 {
				o = m.Offset[k]
			}
			offset = append(offset, float32(o))
		}
	}
	shape := append([]int64{1}, e.output()...)
	logs := s.Log(s.Clamp(probabilities, evaluate.LeastProbability, 2)) // of nothing above: rounding may leave 1
	z := s.Scale(logs, s.FromFloat32(scale, shape...), s.FromFloat32(offset, shape...))
	return e.apart(s, s.Softmax(s.Reshape(z, -1, int64(len(e.Names.Classes)))), len(e.Names.Classes))
}

// mends says whether probabilities are calibrated.
func (e *exporter) mends() bool { return e.Mend != nil && !e.Raw }

// ofTargets are the calibrations of the targets, or the one.
func (e *exporter) ofTargets() []evaluate.Mend {
	if len(e.Names.Targets) == 0 {
		return []evaluate.Mend{*e.Mend}
	}
	var out []evaluate.Mend
	for _, target := range e.Names.Targets {
		out = append(out, e.Mend.For(target))
	}
	return out
}
