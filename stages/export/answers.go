package export

import (
	"vertebra/stages/evaluate"
	"vertebra/stages/internal/torch"
	"vertebra/stages/train"
)

// given is a batch: images_BCHW, and covariates_BV where a net takes some.
type given struct{ images, covariates torch.Tensor }

// tensors are those that go into the graph, in its order.
func (g given) tensors() []torch.Tensor {
	if !g.covariates.Valid() {
		return []torch.Tensor{g.images}
	}
	return []torch.Tensor{g.images, g.covariates}
}

// answers makes what the graph gives of a batch: probabilities (B, K) and logits (B, O),
// or (B, T, K) and (B, T, O) of several targets; logits (B, ΣO) where these have classes of
// their own. Members of an ensemble are calibrated and
// blended; its logits are the logarithms of the blend, as its members may mean different
// things by theirs.
func (e *exporter) answers(s *torch.Scope, x given) (probabilities, logits torch.Tensor) {
	about := train.Asked{Names: e.Names, Slices: e.Layout.Slices}
	if len(e.members) == 1 {
		m := e.members[0]
		probabilities, logits = m.answers(s, x, about)
		probabilities = e.calibration(m.Calibrator).tensor(s, e.apart(s, probabilities, len(e.Names.Classes)))
		if e.Names.Among == nil {
			logits = e.apart(s, logits, m.Task.Each)
		}
	} else {
		probabilities = e.blend(s, x, about)
		logits = e.logs(s, probabilities)
	}
	return e.calibration(e.finalCalibrator()).tensor(s, probabilities), logits
}

// blend is evaluate.Blend of what the members say: probabilities_BK, or (B, T, K).
func (e *exporter) blend(s *torch.Scope, x given, about train.Asked) (sum torch.Tensor) {
	geometric := e.Blend.By == "geometric"
	for i, m := range e.members {
		p, _ := m.answers(s, x, about)
		p = e.calibration(m.Calibrator).tensor(s, e.apart(s, p, len(e.Names.Classes)))
		if geometric {
			p = e.logs(s, p)
		}
		if p = s.Times(p, e.Blend.Weights[i]); sum.Valid() {
			p = s.Add(sum, p)
		}
		sum = p
	}
	if geometric {
		sum = e.apart(s, s.Softmax(s.Reshape(sum, -1, int64(len(e.Names.Classes)))), len(e.Names.Classes))
		return e.possible(s, sum)
	}
	return sum
}

// possible leaves classes that are none of the target's no probability.
func (e *exporter) possible(s *torch.Scope, probabilities_BTK torch.Tensor) torch.Tensor {
	if e.Names.Among == nil {
		return probabilities_BTK
	}
	mask := e.mask()
	values := make([]float32, len(mask))
	for i, has := range mask {
		if has {
			values[i] = 1
		}
	}
	return s.Mul(probabilities_BTK, s.FromFloat32(values, 1, int64(len(e.Names.Targets)), int64(len(e.Names.Classes))))
}

// mask says of the classes of each target, one after the other, whether it has them.
func (e *exporter) mask() (out []bool) {
	asked := e.Names.Questions()
	for target := range asked.Count() {
		for class := range asked.Classes {
			out = append(out, asked.Has(target, class))
		}
	}
	return out
}

// logs are logarithms, and of nothing those of the least probability.
func (e *exporter) logs(s *torch.Scope, probabilities torch.Tensor) torch.Tensor {
	return s.Log(s.Clamp(probabilities, evaluate.LeastProbability, 2)) // of nothing above: rounding may leave 1
}

// apart gives each target a row of its own, where there are several.
func (e *exporter) apart(s *torch.Scope, x torch.Tensor, each int) torch.Tensor {
	if len(e.Names.Targets) == 0 {
		return x
	}
	return s.Reshape(x, -1, int64(len(e.Names.Targets)), int64(each))
}

// said is what answers gives, in float64 from each member's probabilities on, and by
// evaluate's own calibration and blend: of all images, one after the other.
func (e *exporter) said(s *torch.Scope, x given) (probabilities, logits []float64) {
	about, k := train.Asked{Names: e.Names, Slices: e.Layout.Slices}, len(e.Names.Classes)
	var members [][]float64
	for _, m := range e.members {
		p, z := m.answers(s, x, about)
		members, logits = append(members, e.calibration(m.Calibrator).numbers(s.Float64s(p))), s.Float64s(z)
	}
	if s.Err() != nil {
		return nil, nil
	}
	probabilities = members[0]
	if len(members) > 1 {
		probabilities = nil
		for at := 0; at < len(members[0]); at += k {
			var each [][]float64
			for _, p := range members {
				each = append(each, p[at:at+k])
			}
			probabilities = append(probabilities, e.Blend.Probabilities(each)...)
		}
		logits = logarithms(probabilities)
	}
	return e.calibration(e.finalCalibrator()).numbers(probabilities), logits
}
