package evaluate

import (
	"errors"
	"fmt"
	"maps"
	"math"

	"vertebra/stages/stage"
)

// Blend combines what several nets say of a case into probabilities.
//
// By mean it is the weighted mean of their probabilities, as scikit-learn's soft
// voting gives. By geometric it is that of their logarithms, renormalised: a
// logarithmic opinion pool (Genest and Zidek 1986). There a net that is sure that a
// class is out takes it out for all.
type Blend struct {
	By      string    // "mean" or "geometric"
	Weights []float64 // one for each net; only their shares count
}

// NewBlend refuses weights that give no blend.
func NewBlend(by string, weights []float64) (Blend, error) {
	sum := 0.0
	for _, w := range weights {
		if !(w >= 0) || math.IsInf(w, 0) {
			return Blend{}, fmt.Errorf("weight %v, want 0 or more", w)
		}
		sum += w
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return Blend{}, errors.New("the weights add up to nothing")
	}
	shares := make([]float64, len(weights))
	for i, w := range weights {
		shares[i] = w / sum
	}
	return Blend{by, shares}, nil
}

// Of blends what members say of the same cases, in one order, as Joined.Items are.
// All but the probabilities is as the first has it.
func (b Blend) Of(members [][]stage.Prediction) []stage.Prediction {
	out := make([]stage.Prediction, len(members[0]))
	said := make([][]float64, len(members))
	for i, item := range members[0] {
		for m := range members {
			said[m] = members[m][i].Probabilities
		}
		item.Tags, item.Probabilities = maps.Clone(item.Tags), b.Probabilities(said)
		out[i] = item
	}
	return out
}

// Probabilities gives the blend for one case: said[net][class]. A class to which all give
// none, as those have that are no classes of the target, gets none.
func (b Blend) Probabilities(said [][]float64) []float64 {
	sums, total, possible := make([]float64, len(said[0])), 0.0, make([]bool, len(said[0]))
	for m, probabilities := range said {
		for k, v := range b.summand(probabilities) {
			sums[k] += b.Weights[m] * v
			possible[k] = possible[k] || probabilities[k] > 0
		}
		total += b.Weights[m]
	}
	out := b.finish(sums, total)
	for k := range out {
		if !possible[k] {
			out[k] = 0
		}
	}
	return out
}

// summand is what is added up: probabilities or their logarithms.
func (b Blend) summand(probabilities []float64) []float64 {
	if b.By == "geometric" {
		return logarithms(probabilities)
	}
	return probabilities
}

// finish makes probabilities of weighted sums, in place.
func (b Blend) finish(sums []float64, total float64) []float64 {
	for k := range sums {
		sums[k] /= total
	}
	if b.By == "geometric" {
		return softmax(sums)
	}
	return sums
}
