package evaluate

import (
	"fmt"
	"slices"

	"vertebra/stages/stage"
)

// place is where a case lies: what a guess may know of it without its image.
type place struct{ condition, level string }

func placeOf(tags map[string]string) place { return place{tags["condition"], tags["level"]} }

// priors are class shares of the training cases: all of them, and those of one
// condition and level.
type priors struct {
	all []float64
	at  map[place][]float64
}

// countPriors takes the training cases, each counted with the weight of its
// class; nil weights count them alike. ok is false when there are none. A place
// where a class does not occur is counted with one case more of each class
// (Laplace's rule of succession): a share of 0 would cost 36 for a single case.
func countPriors(classes int, cases []stage.Case, weights []float64) (p priors, ok bool) {
	p = priors{make([]float64, classes), map[place][]float64{}}
	for _, c := range cases {
		if c.Split != stage.Train || c.Label < 0 || c.Label >= classes {
			continue
		}
		here := placeOf(c.Tags)
		if p.at[here] == nil {
			p.at[here] = make([]float64, classes)
		}
		p.at[here][c.Label]++
		p.all[c.Label]++
		ok = true
	}
	p.all = toShares(p.all, weights)
	for here, counts := range p.at {
		p.at[here] = toShares(counts, weights)
	}
	return p, ok
}

func toShares(counts, weights []float64) []float64 {
	shares := slices.Clone(counts)
	for i := range shares {
		if slices.Contains(counts, 0) {
			shares[i]++
		}
		if weights != nil {
			shares[i] *= weights[i]
		}
	}
	return normalised(shares)
}

// normalised gives shares that add up to 1.
func normalised(v []float64) []float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x / sum
	}
	return out
}

// guess predicts the same cases from the shares alone.
func (p priors) guess(of Predictions) Predictions {
	out := Predictions{Classes: of.Classes, Items: slices.Clone(of.Items)}
	for i, item := range out.Items {
		shares, known := p.at[placeOf(item.Tags)]
		if !known {
			shares = p.all
		}
		out.Items[i].Probabilities = shares
	}
	return out
}

// measureBaseline gives the numbers of the best guess that needs no image: the
// shares of the classes among the training cases of the same condition and
// level, weighed as the metric weighs its cases, which makes its expected log
// loss least. For rsna_log_loss these are the "weighted priors per condition
// and level" that every experiment must beat. It is empty without training
// cases.
func measureBaseline(cfg Config, cases []stage.Case, p Predictions) ([]stage.Scalar, error) {
	var all []stage.Scalar
	for _, m := range parts(cfg) {
		if len(m.Part.Scalars()) == 0 {
			continue
		}
		var weights []float64
		if w, ok := m.Part.(Weighted); ok {
			weights = w.ClassWeights()
		}
		if weights != nil && len(weights) != len(p.Classes) {
			return nil, fmt.Errorf("metric %s weighs %d classes, there are %d", m.Name, len(weights), len(p.Classes))
		}
		shares, ok := countPriors(len(p.Classes), cases, weights)
		if !ok {
			return nil, nil
		}
		r, err := measureOne(m, shares.guess(p))
		if err != nil {
			return nil, err
		}
		all = append(all, r.Scalars...)
	}
	return all, nil
}
