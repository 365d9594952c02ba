// Package evaluate turns predictions into numbers, tables and matrices. It is
// plain Go over probabilities and knows neither nets nor tensors.
package evaluate

import (
	"errors"
	"fmt"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Metric measures predictions. It never changes them.
type Metric interface {
	// Scalars names the numbers it gives, with title, unit and direction. They
	// depend on the settings alone, so that a monitor can be checked early.
	Scalars() []stage.Scalar
	// Values gives just those numbers, each item counted with its weight. A
	// number that these predictions cannot have is NaN. It is called thousands of
	// times with other weights: what does not depend on them belongs into once.
	Values(p Predictions) []float64
}

// Illustrated is a Metric that shows more than its numbers.
type Illustrated interface {
	Metric
	// Show gives figures, and notes that say why a number is NaN.
	Show(p Predictions) Result
}

// Demanding is a Metric that cannot work with all predictions.
type Demanding interface {
	Metric
	// Accept says what is wrong with the predictions; a stage.Skip leaves the
	// metric out.
	Accept(p Predictions) error
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
	// Weights says how much each item counts, as scikit-learn's sample_weight; 0
	// leaves it out. nil counts each once.
	Weights []float64

	averageOver string    // see Config; "" where nothing is averaged
	draw        *resample // of a bootstrap; Weights is nil then
	items       *memo     // what follows from Classes and Items alone
	sums        *memo     // what follows from the Weights too
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

// Measure gives the function that measures one split during training. Metrics
// without numbers are left out there.
func Measure(cfg Config, classes []string) func([]stage.Prediction) ([]stage.Scalar, error) {
	monitored := numeric(cfg)
	return func(items []stage.Prediction) ([]stage.Scalar, error) {
		p, err := cfg.prepare(classes, items)
		if err != nil {
			return nil, err
		}
		r, err := measureEach(monitored, p, numbersOf)
		return r.Scalars, err
	}
}

func measure(metrics []registry.One[Metric], p Predictions) (Result, error) {
	return measureEach(metrics, p, measurePart)
}

// part gives what a metric finds, or a part of it.
type part func(Metric, Predictions) (Result, error)

func measureEach(metrics []registry.One[Metric], p Predictions, of part) (Result, error) {
	var all Result
	for _, m := range metrics {
		r, err := measureOne(m, p, of)
		if err != nil {
			return Result{}, err
		}
		all.add(r)
	}
	return all, nil
}

func measureOne(m registry.One[Metric], p Predictions, of part) (Result, error) {
	if m.Part == nil {
		return Result{}, fmt.Errorf("there is no metric %q", m.Name)
	}
	r, err := of(m.Part, p)
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

// measurePart gives the numbers of a metric with all that it shows.
func measurePart(m Metric, p Predictions) (Result, error) {
	r, err := numbersOf(m, p)
	if err == nil {
		shown := p.show(m)
		shown.Scalars = r.Scalars
		r = shown
	}
	return r, err
}

// numbersOf gives the numbers alone: curves cost as much again, after each epoch.
func numbersOf(m Metric, p Predictions) (r Result, err error) {
	if d, ok := m.(Demanding); ok {
		if err := d.Accept(p); err != nil {
			return Result{}, err
		}
	}
	r.Scalars = m.Scalars()
	for i, v := range p.values(m) {
		r.Scalars[i].Value = v
	}
	return r, nil
}
