package torch

import (
	"math"

	"github.com/sugarme/gotch/libtch"
)

// LSTM is one layer of torch.nn.LSTM with batch_first (Hochreiter and Schmidhuber 1997;
// with forget gates, Gers et al. 2000), read in one direction or in both.
type LSTM struct {
	Units      int64
	directions []lstmWeights // one, or forth and back
}

// lstmWeights are those of one direction, gates in the order input, forget, cell, output.
type lstmWeights struct {
	input, hidden         *Parameter // (4·units, in), (4·units, units)
	inputBias, hiddenBias *Parameter // (4·units)
}

func (w lstmWeights) all() []*Parameter {
	return []*Parameter{w.input, w.hidden, w.inputBias, w.hiddenBias}
}

// NewLSTM makes the layer under the path, with torch.nn.LSTM's names of its first layer and
// first weights: U(−1/√units, 1/√units). Out come units numbers, of both directions twice
// as many.
func NewLSTM(p Path, in, units int64, both bool) *LSTM {
	l := &LSTM{Units: units}
	suffixes := []string{"_l0"}
	if both {
		suffixes = append(suffixes, "_l0_reverse")
	}
	bound := 1 / math.Sqrt(float64(units))
	init := func(s *Scope, t Tensor, seed uint64) { s.FillUniform(t, -bound, bound, seed) }
	for _, suffix := range suffixes {
		l.directions = append(l.directions, lstmWeights{
			input: p.Parameter("weight_ih"+suffix, init, 4*units, in), hidden: p.Parameter("weight_hh"+suffix, init, 4*units, units),
			inputBias: p.Parameter("bias_ih"+suffix, init, 4*units), hiddenBias: p.Parameter("bias_hh"+suffix, init, 4*units),
		})
	}
	return l
}

// Forward makes features_BSO of features_BSI.
func (l *LSTM) Forward(p *Pass, x Tensor) Tensor {
	shape := p.Describe(x).Shape
	if p.Err() != nil {
		return Tensor{}
	}
	begin := p.ZeroStates(x, int64(len(l.directions)), l.Units)
	operands, weights := []Tensor{x, begin}, []libtch.Ctensor{}
	for _, w := range l.parameters() {
		operands, weights = append(operands, w.Tensor), append(weights, w.Tensor.at.raw)
		if p.Work != nil && len(w.Shape) == 2 { // each slice is multiplied by the whole of it
			*p.Work = append(*p.Work, Multiplied{Weight: w.Name, Products: shape[0] * shape[1] * int64(w.Elements())})
		}
	}
	const train = 1 // without dropout it changes no number, and cuDNN lets nothing backward through that was asked otherwise
	return p.call("lstm", func(out *libtch.Ctensor) {
		var all [3]libtch.Ctensor // outputs, and the last states, which nobody asks for
		libtch.AtgLstm(&all[0], x.at.raw, []libtch.Ctensor{begin.at.raw, begin.at.raw}, 2, weights, len(weights),
			1, 1, 0, train, number(len(l.directions) == 2), 1)
		*out = all[0]
		for _, state := range all[1:] {
			if state != nil {
				libtch.AtFree(state)
			}
		}
	}, operands...)
}

func (l *LSTM) parameters() (out []*Parameter) {
	for _, d := range l.directions {
		out = append(out, d.all()...)
	}
	return out
}

// Fixed says whether nothing of it is trained.
func (l *LSTM) Fixed() bool { return frozen(l.parameters()...) }
