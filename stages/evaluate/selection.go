package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Selected says what the best of several contenders is worth. Its own number is
// too good: it was chosen for it.
type Selected struct {
	Scalar   stage.Scalar // name, title, unit, direction
	Best     string       // the contender whose number is the best
	Apparent float64      // that number
	// Corrected is what choosing among these contenders on such cases gives on
	// cases that had no part in the choice, with its 95 % interval.
	Corrected stage.Estimate
	Resamples int
	Groups    int
	Among     int // contenders
	// Chosen says how often each contender was the best of a resample.
	Chosen map[string]float64
}

// Select corrects the number of the best contender by the bootstrap of Tsamardinos,
// Greasidou and Borboudakis 2018 ("Bootstrapping the out-of-sample predictions for
// efficient and accurate cross-validation", BBC-CV): studies or patients are drawn
// with replacement; the best on what was drawn is measured on what was not; the
// mean over the resamples is the answer. Nothing is trained again. Each contender
// has one run.
func Select(ctx context.Context, env stage.Env, q Question) (Selected, error) {
	a, err := q.Metrics.align(q.Split, q.Contender)
	if err != nil {
		return Selected{}, err
	}
	first := a.runs[0][0]
	clusters := q.Metrics.Intervals.clusters(first)
	metrics := newSheet(parts(q.Metrics), first).metrics
	scalars := sheet{first, metrics}.names()
	at := slices.IndexFunc(scalars, func(s stage.Scalar) bool { return s.Name == q.Primary })
	if at < 0 {
		return Selected{}, fmt.Errorf("no metric gives %q on these cases", q.Primary)
	}
	s := selector{at: at, better: scalars[at].Better, metrics: metrics, runs: a.runs}
	out := Selected{Scalar: scalars[at], Groups: clusters.Len(), Among: len(q.Contender), Chosen: map[string]float64{}, Apparent: math.NaN()}
	if best, value := s.best(ones(len(first.Items))); best >= 0 {
		out.Best, out.Apparent = q.Contender[best].Name, value
	}
	var outside []float64
	for b := range q.Metrics.Intervals.Resamples {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		drawn, rest := draw(env.Seed, b, clusters.Len()), make([]float64, clusters.Len())
		for i, n := range drawn {
			if n == 0 {
				rest[i] = 1
			}
		}
		best, _ := s.best(clusters.Weights(drawn))
		if best < 0 {
			continue
		}
		if v := s.value(best, clusters.Weights(rest)); !math.IsNaN(v) {
			outside = append(outside, v)
			out.Chosen[q.Contender[best].Name]++
		}
	}
	return out.summed(outside), nil
}

// summed takes the mean and the percentiles of the resamples.
func (s Selected) summed(outside []float64) Selected {
	s.Resamples = len(outside)
	for name := range s.Chosen {
		s.Chosen[name] /= float64(len(outside))
	}
	if len(outside) == 0 {
		s.Corrected = stage.Estimate{Value: math.NaN(), Low: math.NaN(), High: math.NaN()}
		return s
	}
	slices.Sort(outside)
	sum := 0.0
	for _, v := range outside {
		sum += v
	}
	at := func(share float64) float64 { return outside[int(share*float64(len(outside)-1)+0.5)] }
	s.Corrected = stage.Estimate{Value: sum / float64(len(outside)), Low: at(0.025), High: at(0.975)}
	return s
}

// selector measures contenders on weighted cases.
type selector struct {
	at      int // of the number among those that the metrics give
	better  stage.Direction
	metrics []registry.One[Metric]
	runs    [][]Predictions
}

func (s selector) value(contender int, weights []float64) float64 {
	return sheet{s.runs[contender][0], s.metrics}.values(weights)[s.at]
}

// best finds the best contender; -1 where none has a number.
func (s selector) best(weights []float64) (contender int, value float64) {
	contender, value = -1, math.NaN()
	for c := range s.runs {
		v := s.value(c, weights)
		switch {
		case math.IsNaN(v):
		case contender < 0, s.better == stage.HigherBetter && v > value, s.better != stage.HigherBetter && v < value:
			contender, value = c, v
		}
	}
	return contender, value
}

// draw draws n of n groups with replacement, and counts them.
func draw(seed uint64, resample, n int) []float64 {
	rng := stage.Rand(seed, "selection", resample)
	out := make([]float64, n)
	for range n {
		out[rng.IntN(n)]++
	}
	return out
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}
