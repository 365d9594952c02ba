// Package evaluate turns predictions into numbers, tables and matrices. It is
// plain Go over probabilities and knows neither nets nor tensors.
package evaluate

import (
	"context"
	"fmt"
	"math"
	"sort"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Metric measures predictions.
type Metric interface {
	// Scalars names the numbers it gives, with title, unit and direction.
	Scalars() []stage.Scalar
	// Measure gives those numbers, and what else the metric shows.
	Measure(p Predictions) (Result, error)
}

// Predictions are those of one split.
type Predictions struct {
	Classes []string
	Items   []stage.Prediction
}

// Result is what a metric found. Series, Epoch and the like are the caller's.
type Result struct {
	Scalars  []stage.Scalar
	Curves   []stage.Curve
	Matrices []stage.Matrix
	Tables   []stage.Table
}

// Metrics are the parts.
var Metrics = registry.New[Metric]("metric")

// Config is the section evaluate of an experiment.
type Config struct {
	Metrics []registry.One[Metric] `help:"what is measured after each epoch and at the end"`
}

// Default measures what every classification wants to know.
var Default = Config{Metrics: []registry.One[Metric]{
	{Name: "loss"}, {Name: "accuracy"}, {Name: "balanced_accuracy"}, {Name: "precision"}, {Name: "recall"}, {Name: "f1"},
	{Name: "per_class"}, {Name: "confusion"},
}}

// Names lists every scalar that the metrics give, so that a monitor can be
// checked before anything runs. loss is always there.
func Names(cfg Config) []stage.Scalar {
	var all []stage.Scalar
	for _, m := range withLoss(cfg) {
		all = append(all, m.Part.Scalars()...)
	}
	return all
}

func withLoss(cfg Config) []registry.One[Metric] {
	for _, m := range cfg.Metrics {
		if m.Name == "loss" {
			return cfg.Metrics
		}
	}
	return append([]registry.One[Metric]{{Name: "loss", Part: LogLoss{}}}, cfg.Metrics...)
}

// Measure gives the function that measures one split during training.
func Measure(cfg Config, classes []string) func([]stage.Prediction) ([]stage.Scalar, error) {
	return func(items []stage.Prediction) ([]stage.Scalar, error) {
		r, err := measure(cfg, Predictions{Classes: classes, Items: items})
		return r.Scalars, err
	}
}

func measure(cfg Config, p Predictions) (Result, error) {
	var all Result
	if err := p.check(); err != nil {
		return all, err
	}
	for _, m := range withLoss(cfg) {
		r, err := m.Part.Measure(p)
		if err != nil {
			return all, fmt.Errorf("metric %s: %w", m.Name, err)
		}
		all.Scalars = append(all.Scalars, r.Scalars...)
		all.Curves = append(all.Curves, r.Curves...)
		all.Matrices = append(all.Matrices, r.Matrices...)
		all.Tables = append(all.Tables, r.Tables...)
	}
	return all, nil
}

// Run measures every split that has predictions and records the results, next
// to what a guess from the training labels alone would reach.
func Run(ctx context.Context, env stage.Env, cfg Config, classes []string, cases []stage.Case, items []stage.Prediction) error {
	for _, split := range stage.Splits {
		p := Predictions{Classes: classes, Items: ofSplit(items, split)}
		if len(p.Items) == 0 {
			continue
		}
		r, err := measure(cfg, p)
		if err != nil {
			return fmt.Errorf("%s split: %w", split, err)
		}
		guess, err := measure(cfg, baseline(classes, cases, p))
		if err != nil {
			return fmt.Errorf("baseline of the %s split: %w", split, err)
		}
		records := append(r.records(split), scalars(guess.Scalars, string(split)+" baseline")...)
		if err := env.Recorder.Record(ctx, records...); err != nil {
			return err
		}
	}
	return nil
}

func ofSplit(items []stage.Prediction, split stage.Split) []stage.Prediction {
	var out []stage.Prediction
	for _, p := range items {
		if p.Split == split {
			out = append(out, p)
		}
	}
	return out
}

func scalars(all []stage.Scalar, series string) []stage.Record {
	out := make([]stage.Record, len(all))
	for i, s := range all {
		s.Series, s.Epoch = series, stage.Final
		out[i] = s
	}
	return out
}

func (r Result) records(split stage.Split) []stage.Record {
	out := scalars(r.Scalars, string(split))
	for _, c := range r.Curves {
		c.Title, c.Section = c.Title+", "+string(split), "results"
		out = append(out, c)
	}
	for _, m := range r.Matrices {
		m.Title, m.Section = m.Title+", "+string(split), "results"
		out = append(out, m)
	}
	for _, t := range r.Tables {
		t.Title, t.Section = t.Title+", "+string(split), "results"
		out = append(out, t)
	}
	return out
}

// check refuses what no metric can make sense of.
func (p Predictions) check() error {
	if len(p.Items) == 0 {
		return fmt.Errorf("there are no predictions")
	}
	for _, item := range p.Items {
		if err := checkOne(item, len(p.Classes)); err != nil {
			return fmt.Errorf("case %s: %w", item.CaseID, err)
		}
	}
	return nil
}

func checkOne(p stage.Prediction, classes int) error {
	if len(p.Probabilities) != classes {
		return fmt.Errorf("%d probabilities for %d classes", len(p.Probabilities), classes)
	}
	if p.Label < 0 || p.Label >= classes {
		return fmt.Errorf("label %d, want 0 to %d", p.Label, classes-1)
	}
	sum := 0.0
	for _, v := range p.Probabilities {
		if math.IsNaN(v) || v < 0 || v > 1+1e-6 {
			return fmt.Errorf("probability %v", v)
		}
		sum += v
	}
	if math.Abs(sum-1) > 1e-3 {
		return fmt.Errorf("the probabilities add up to %v, want 1", sum)
	}
	return nil
}

// largest is the predicted class: the first of equals, as numpy's argmax.
func largest(v []float64) int {
	at := 0
	for i := range v {
		if v[i] > v[at] {
			at = i
		}
	}
	return at
}

// counts is the confusion matrix: counts[true][predicted].
func (p Predictions) counts() [][]float64 {
	c := make([][]float64, len(p.Classes))
	for i := range c {
		c[i] = make([]float64, len(p.Classes))
	}
	for _, item := range p.Items {
		c[item.Label][largest(item.Probabilities)]++
	}
	return c
}

// one is a Result of a single number.
func one(m Metric, value float64) Result {
	s := m.Scalars()[0]
	s.Value = value
	return Result{Scalars: []stage.Scalar{s}}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
