package evaluate

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Calibrator corrects probabilities that are too sure, or not sure enough. What it
// works on are the logarithms of the probabilities, which are the logits of the
// net but for one number that all classes of a case share.
type Calibrator interface {
	// Fit finds the parameters that make the log loss of the predictions least, or
	// what else the part says.
	Fit(p Predictions) (FittedCalibrator, error)
}

// Calibrators are the parts.
var Calibrators = registry.New[Calibrator]("calibrator")

// FittedCalibrator is what a Calibrator found: the probabilities become
// softmax(Scale[k]·ln p[k] + Offset[k]). It is stored with the run as a fact of
// the name CalibrationFact, in JSON, for whoever predicts later.
type FittedCalibrator struct {
	Name   string    `json:"name"`   // of the calibrator
	Scale  []float64 `json:"scale"`  // one for each class, or one for all
	Offset []float64 `json:"offset"` // one for each class, or none
	// Of holds the calibrations of single targets, by the value of the tag Tag; other
	// cases have the one above. nil where there are no several targets.
	Tag string                      `json:"tag,omitempty"`
	Of  map[string]FittedCalibrator `json:"of,omitempty"`
	// Folds holds the calibrations of what single nets of a cross-validation said of the cases that
	// they tested, by stage.FoldTag: each was found on validation cases of the fold. nil unless folds
	// take turns as test set.
	Folds map[string]FittedCalibrator `json:"folds,omitempty"`
}

// CalibrationFact is the name of the stored fact.
const CalibrationFact = "calibration"

// ReadCalibrator reads a stored fact, of a run with that many classes.
func ReadCalibrator(text string, classes int) (FittedCalibrator, error) {
	var m FittedCalibrator
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return m, fmt.Errorf("stored calibration: %w", err)
	}
	if err := m.check(classes); err != nil {
		return m, fmt.Errorf("stored calibration: %w", err)
	}
	for name, of := range m.Of {
		if err := of.check(classes); err != nil {
			return m, fmt.Errorf("stored calibration of %s: %w", name, err)
		}
	}
	for fold, of := range m.Folds {
		for _, of := range append(slices.Collect(maps.Values(of.Of)), of) {
			if err := of.check(classes); err != nil {
				return m, fmt.Errorf("stored calibration of fold %s: %w", fold, err)
			}
		}
	}
	return m, nil
}

func (m FittedCalibrator) check(classes int) error {
	scales, offsets := len(m.Scale), len(m.Offset)
	if scales != 1 && scales != classes || offsets != 0 && offsets != classes {
		return fmt.Errorf("%d scales and %d offsets for %d classes", scales, offsets, classes)
	}
	return nil
}

// Fact is what is stored.
func (m FittedCalibrator) Fact() (stage.Fact, error) {
	text, err := json.Marshal(m)
	return stage.Fact{Name: CalibrationFact, Value: string(text)}, err
}

// Calibrate gives a prediction with the probabilities that the calibration of its target, and of its
// fold where that has one, makes of them.
func (m FittedCalibrator) Calibrate(item stage.Prediction) stage.Prediction {
	if own, has := m.Folds[item.Tags[stage.FoldTag]]; has {
		m = own
	}
	item.Probabilities = m.For(tagged(item, m.Tag)).Probabilities(item.Probabilities)
	for k := range item.Probabilities {
		if item.Among != nil && !slices.Contains(item.Among, k) {
			item.Probabilities[k] = 0
		}
	}
	return item
}

// For is the calibration of one value of the tag.
func (m FittedCalibrator) For(value string) FittedCalibrator {
	if of, own := m.Of[value]; own {
		return of
	}
	return m
}

// LeastProbability is what smaller ones are taken for, as a logarithm wants.
const LeastProbability = epsilon

// Probabilities gives the calibrated probabilities of one case, which sum to 1, whatever
// its target.
func (m FittedCalibrator) Probabilities(probabilities []float64) []float64 {
	return softmax(m.logits(logarithms(probabilities)))
}

// logits changes logarithms of probabilities in place.
func (m FittedCalibrator) logits(z []float64) []float64 {
	for k := range z {
		z[k] *= m.Scale[k%len(m.Scale)]
		if len(m.Offset) > 0 {
			z[k] += m.Offset[k]
		}
	}
	return z
}

// calibrateAll corrects a copy of predictions; without a calibration they are what they were.
func (m *FittedCalibrator) calibrateAll(items []stage.Prediction) []stage.Prediction {
	if m == nil {
		return items
	}
	out := make([]stage.Prediction, len(items))
	for i, item := range items {
		out[i] = m.Calibrate(item)
	}
	return out
}

// logarithms clips as the log loss does: a probability of 0 is one that float64
// could not tell from it.
func logarithms(probabilities []float64) []float64 {
	z := make([]float64, len(probabilities))
	for k, v := range probabilities {
		z[k] = math.Log(max(v, epsilon))
	}
	return z
}

// softmax works in place.
func softmax(z []float64) []float64 {
	highest, sum := math.Inf(-1), 0.0
	for _, v := range z {
		highest = max(highest, v)
	}
	for k, v := range z {
		z[k] = math.Exp(v - highest)
		sum += z[k]
	}
	for k := range z {
		z[k] /= sum
	}
	return z
}
