// Package evaluate turns predictions into numbers, tables and matrices. It is
// plain Go over probabilities and knows neither nets nor tensors.
package evaluate

import (
	"errors"
	"fmt"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Metric measures predictions. It never changes them.
type Metric interface {
	// Scalars names the numbers it gives, with title, unit and direction. They
	// depend on the settings alone, so that a monitor can be checked early.
	Scalars() []stage.Scalar
	// Measure gives just those numbers, and what else the metric shows. A
	// number that these predictions cannot have is NaN, and Notes say why. It
	// may return a stage.Skip.
	Measure(p Predictions) (Result, error)
}

// Weighted is a Metric that counts the cases of some classes more than others.
type Weighted interface {
	Metric
	// ClassWeights gives the weight of a case of each class.
	ClassWeights() []float64
}

// Predictions are those of one split. What a Metric is given is checked: at
// least one item, no case twice, labels in range, probabilities finite and
// summing to 1.
type Predictions struct {
	Classes []string
	Items   []stage.Prediction // sorted by CaseID, so that sums do not depend on an order
}

// Result is what a metric found. Series, Epoch, Section and the split in the
// titles are the caller's.
type Result struct {
	Scalars  []stage.Scalar
	Curves   []stage.Curve
	Matrices []stage.Matrix
	Tables   []stage.Table
	Notes    []string // what a reader of the numbers must know: "no case is severe"
}

func (r *Result) add(other Result) {
	r.Scalars = append(r.Scalars, other.Scalars...)
	r.Curves = append(r.Curves, other.Curves...)
	r.Matrices = append(r.Matrices, other.Matrices...)
	r.Tables = append(r.Tables, other.Tables...)
	r.Notes = append(r.Notes, other.Notes...)
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

// parts lists the metrics, each with its settings. loss is always there.
func parts(cfg Config) []registry.One[Metric] {
	all := slices.Clone(cfg.Metrics)
	if !slices.ContainsFunc(all, func(m registry.One[Metric]) bool { return m.Name == "loss" }) {
		all = slices.Insert(all, 0, registry.One[Metric]{Name: "loss"})
	}
	for i, m := range all {
		if m.Part == nil { // Default names its metrics only
			all[i].Part, all[i].Name = defaultPart(m.Name), m.Name
		}
	}
	return all
}

func defaultPart(name string) Metric {
	m, _ := Metrics.Default(name)
	return m.Part
}

// Names lists every scalar that the metrics give, so that a monitor can be
// checked before anything runs. loss is always there.
func Names(cfg Config) []stage.Scalar {
	var all []stage.Scalar
	for _, m := range parts(cfg) {
		if m.Part != nil {
			all = append(all, m.Part.Scalars()...)
		}
	}
	return all
}

// Measure gives the function that measures one split during training. Metrics
// without numbers are left out there.
func Measure(cfg Config, classes []string) func([]stage.Prediction) ([]stage.Scalar, error) {
	monitored := slices.DeleteFunc(parts(cfg), func(m registry.One[Metric]) bool {
		return m.Part != nil && len(m.Part.Scalars()) == 0
	})
	return func(items []stage.Prediction) ([]stage.Scalar, error) {
		p, err := prepare(classes, items)
		if err != nil {
			return nil, err
		}
		r, err := measure(monitored, p)
		return r.Scalars, err
	}
}

func measure(metrics []registry.One[Metric], p Predictions) (Result, error) {
	var all Result
	for _, m := range metrics {
		r, err := measureOne(m, p)
		if err != nil {
			return Result{}, err
		}
		all.add(r)
	}
	return all, nil
}

func measureOne(m registry.One[Metric], p Predictions) (Result, error) {
	if m.Part == nil {
		return Result{}, fmt.Errorf("there is no metric %q", m.Name)
	}
	r, err := m.Part.Measure(p)
	if skip := (stage.Skip{}); errors.As(err, &skip) {
		return Result{Notes: []string{m.Name + " is " + skip.Error()}}, nil
	}
	if err != nil {
		return Result{}, fmt.Errorf("metric %s: %w", m.Name, err)
	}
	for i, note := range r.Notes {
		r.Notes[i] = m.Name + ": " + note
	}
	return r, nil
}

// give is a Result of the metric's numbers, in the order of its Scalars.
func give(m Metric, values ...float64) Result {
	scalars := m.Scalars()
	for i := range scalars {
		scalars[i].Value = values[i]
	}
	return Result{Scalars: scalars}
}
