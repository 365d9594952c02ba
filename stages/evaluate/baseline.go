package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// place is what a case asks and where it lies: what a guess may know of it without
// its image.
type place struct{ target, condition, level string }

func placeOf(tags map[string]string) place {
	return place{tags[stage.TargetTag], tags["condition"], tags["level"]}
}

// priors are how often classes occur among the training cases: all of them, and those of
// one target, condition and level.
type priors struct {
	all []float64
	at  map[place][]float64
}

// countPriors counts the training cases. ok is false when there are none.
func countPriors(classes int, cases []stage.Case) (p priors, ok bool) {
	p = priors{make([]float64, classes), map[place][]float64{}}
	for _, c := range cases {
		if !priorOf(c, classes) {
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
	return p, ok
}

// priorOf says whether a guess without images knows a case's class: of the training, and not by what
// nets said of its image, which makes runs with and without pseudo-labels have one baseline.
func priorOf(c stage.Case, classes int) bool {
	return c.Split == stage.Train && c.Soft == nil && c.Label >= 0 && c.Label < classes
}

// shares are the class shares where a case lies, each class counted with its weight; nil
// weights count them alike. Classes that its answer cannot be have none.
func (p priors) shares(of stage.Prediction, weights []float64) []float64 {
	counts, known := p.at[placeOf(of.Tags)]
	if !known {
		counts = p.all
	}
	if of.Among == nil {
		return toShares(counts, weights)
	}
	own, ownWeights, out := make([]float64, len(of.Among)), []float64(nil), make([]float64, len(counts))
	for i, class := range of.Among {
		own[i] = counts[class]
		if weights != nil {
			ownWeights = append(ownWeights, weights[class])
		}
	}
	for i, share := range toShares(own, ownWeights) {
		out[of.Among[i]] = share
	}
	return out
}

// toShares makes shares of counts. Where a class does not occur, one case more of each is
// counted (Laplace's rule of succession): a share of 0 would cost 36 for a single case.
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

// guess predicts the same cases from the shares alone: those of the cases that
// the net behind each prediction was trained on. ok is false without such cases.
func guess(of Predictions, cases []stage.Case, weights []float64) (out Predictions, ok bool) {
	out = of.of(slices.Clone(of.Items))
	out.Weights = of.Weights
	folds := map[string]priors{}
	for i, item := range out.Items {
		fold := item.Tags[stage.FoldTag]
		if _, counted := folds[fold]; !counted {
			if folds[fold], ok = countPriors(len(of.Classes), trainedOn(cases, fold)); !ok {
				return out, false
			}
		}
		out.Items[i].Probabilities = folds[fold].shares(item, weights)
	}
	return out, true
}

// trainedOn gives the cases as the fold of that tag sees them; without a tag they
// are as they are.
func trainedOn(cases []stage.Case, tag string) []stage.Case {
	if fold, err := strconv.Atoi(tag); err == nil && fold > 0 {
		return stage.InFold(cases, fold)
	}
	return cases
}

// baseline gives, for each metric with numbers, the best guess that needs no
// image: the shares of the classes among the training cases of the same
// target, condition and level, weighed as the metric weighs its cases, which makes its
// expected log loss least. For rsna_log_loss these are the "weighted priors per
// condition and level" that every experiment must beat. It is empty without
// training cases.
func baseline(cfg Config, cases []stage.Case, p Predictions) (sheets []sheet, err error) {
	var plain []registry.One[Metric]
	for _, m := range newSheet(parts(cfg), p).metrics {
		w, ok := m.Part.(Weighted)
		switch {
		case undirected(m):
			continue // no guess is worse by it
		case !ok:
			plain = append(plain, m)
			continue
		}
		weights := w.ClassWeights()
		if len(weights) != len(p.Classes) {
			return nil, fmt.Errorf("metric %s weighs %d classes, there are %d", m.Name, len(weights), len(p.Classes))
		}
		if guessed, ok := guess(p, cases, weights); ok {
			sheets = append(sheets, sheet{guessed, []registry.One[Metric]{m}})
		}
	}
	guessed, ok := guess(p, cases, nil)
	if !ok {
		return nil, nil
	}
	return append(sheets, sheet{guessed, plain}), nil
}

// undirected says that none of a metric's numbers is better for being larger or smaller.
func undirected(m registry.One[Metric]) bool {
	return !slices.ContainsFunc(m.Part.Scalars(), func(s stage.Scalar) bool { return s.Better != stage.NoDirection })
}

// guessed measures the baseline, in the order of Names.
func guessed(cfg Config, sheets []sheet) []stage.Scalar {
	values := map[string]float64{}
	for _, s := range sheets {
		measured := s.values(nil)
		for at, scalar := range s.names() {
			values[scalar.Name] = measured[at]
		}
	}
	var all []stage.Scalar
	for _, scalar := range Names(cfg) {
		if v, known := values[scalar.Name]; known {
			scalar.Value = v
			all = append(all, scalar)
		}
	}
	return all
}

// againstBaseline gives the numbers of the baseline, and adds to r a table of how much
// better than it the predictions are.
func (e evaluation) againstBaseline(ctx context.Context, p Predictions, r *Result) ([]stage.Scalar, error) {
	sheets, err := baseline(e.cfg, e.cases, p)
	if err != nil {
		return nil, err
	}
	if len(sheets) == 0 {
		r.Notes = append(r.Notes, "there is no baseline, since there are no training cases")
		return nil, nil
	}
	guess := guessed(e.cfg, sheets)
	i := e.cfg.Intervals.ofDifferences()
	plan := i.plan(e.env, fmt.Sprintf("bootstrap %s", e.split), p)
	if !i.enough(plan) {
		return guess, nil
	}
	// the numbers of the sheets of the guess, in their order, of both
	var own, theirs []statistics.OfDrawn
	for _, s := range sheets {
		own = append(own, sheet{p, s.metrics}.clustered(plan.Clusters))
		theirs = append(theirs, s.clustered(plan.Clusters))
	}
	samples, err := i.draws(ctx, plan, func(d statistics.Drawn) (all []float64) {
		for at := range sheets {
			guesses := theirs[at](d)
			for k, v := range own[at](d) {
				all = append(all, v-guesses[k])
			}
		}
		return all
	})
	if err != nil {
		return nil, err
	}
	r.Tables = append(r.Tables, againstTable(i, r.Scalars, guess, sheets, samples))
	return guess, nil
}

func againstTable(i Intervals, scalars, guess []stage.Scalar, sheets []sheet, samples []statistics.Sample) stage.Table {
	byName := map[string]statistics.Sample{}
	at := 0
	for _, s := range sheets {
		for _, scalar := range s.names() {
			byName[scalar.Name] = samples[at]
			at++
		}
	}
	var ps []float64
	var drawn []statistics.Sample
	for _, g := range guess {
		ps, drawn = append(ps, byName[g.Name].PValue()), append(drawn, byName[g.Name])
	}
	corrected := statistics.Joint(drawn, ps)
	table := stage.Table{Name: "against_baseline", Title: "Against a guess without images",
		Columns: []string{"metric", "value", "guess", "difference", "p", "p, corrected", "verdict"},
		Note:    fmt.Sprintf("the verdict is that of p corrected for all %d numbers, with what they have in common (Westfall and Young's step-down over the resamples); one before correction holds for a number that was chosen beforehand", len(ps))}
	value := map[string]float64{}
	for _, s := range scalars {
		value[s.Name] = s.Value
	}
	for k, g := range guess {
		low, high := byName[g.Name].Interval(i.Level)
		table.Rows = append(table.Rows, []any{g.Title, value[g.Name], g.Value,
			stage.Estimate{Value: byName[g.Name].Value, Low: low, High: high}, ps[k], corrected[k],
			verdict(g.Better, byName[g.Name].Value, ps[k], corrected[k], i.Level)})
	}
	return table
}

// verdict is that after the correction, or says that there is one only before it.
func verdict(better stage.Direction, difference, alone, corrected, level float64) string {
	if alone < 1-level && corrected >= 1-level {
		return direction(better, difference, alone, level) + " before correction"
	}
	return direction(better, difference, corrected, level)
}

// direction puts a difference into one word; none where the numbers do not exist.
func direction(better stage.Direction, difference, p, level float64) string {
	switch {
	case math.IsNaN(p):
		return ""
	case p >= 1-level:
		return "indistinguishable"
	case better == stage.NoDirection:
		return "different"
	case (difference > 0) == (better == stage.HigherBetter):
		return "better"
	}
	return "worse"
}
