package finished

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"vertebra/experiments"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/explain"
	"vertebra/stages/locate"
	"vertebra/stages/model"
	"vertebra/stages/outliers"
	"vertebra/stages/stage"
)

// Opened is a finished run whose experiment was read, and whose nets were found. Of an ensemble
// there are neither data nor nets: see Members.
type Opened struct {
	Run        Run
	Experiment experiments.Experiment
	Asked      stage.Questions  // what the nets are asked about each sample
	Covariates stage.Covariates // that the nets take besides an image
	Nets       []Net            // of all folds, or of one
	Sets       *evaluate.Sets   // that the run makes of calibrated probabilities; nil where it makes none
}

// Open reads what the run was, and finds its nets, or with a fold that is not 0 the one of that.
// Weights that are no net's of the experiment are an error, before a net is made.
func Open(run Run, fold int) (o Opened, err error) {
	if o, err = Read(run); err != nil {
		return o, err
	}
	if o.Experiment, err = experiments.Stored(run.Experiment()); err != nil {
		return o, err
	}
	if o.Nets, err = run.Nets(fold); err != nil {
		return o, err
	}
	sketch := model.Sketch(o.Experiment.Model, o.Task())
	for _, net := range o.Nets {
		if err := net.holds(sketch); err != nil {
			return o, err
		}
	}
	return o, nil
}

// Task is what the nets are asked and told.
func (o Opened) Task() model.Task { return o.Experiment.Task(o.Asked, o.Covariates) }

// Read reads what a run's answers are: its classes and targets, covariates and prediction sets. It
// looks for no nets.
func Read(run Run) (Opened, error) {
	o, id := Opened{Run: run}, run.ID()
	var err error
	if o.Asked, err = Questions(run); err != nil {
		return o, fmt.Errorf("run %s: %w", id, err)
	}
	if text := run.Fact(audit.CovariatesFact); text != "" {
		if err := json.Unmarshal([]byte(text), &o.Covariates); err != nil {
			return o, fmt.Errorf("run %s: its covariates: %w", id, err)
		}
	}
	if text := run.Fact(evaluate.SetsFact); text != "" {
		sets, err := evaluate.ReadSets(text, len(o.Asked.Classes))
		if err == nil {
			err = sets.Check(o.Asked)
		}
		if err != nil {
			return o, fmt.Errorf("run %s: %w", id, err)
		}
		o.Sets = &sets
	}
	return o, nil
}

// Noted is what gives the facts that a run noted; "" where it did not.
type Noted interface{ Fact(name string) string }

// Questions reads what the nets of a run are asked.
func Questions(run Noted) (q stage.Questions, err error) {
	if run.Fact(evaluate.ClassesFact) == "" {
		return q, stage.Fault{Err: errors.New("an older version of this program stored it without its classes, so nobody knows what its nets answer"),
			Hint: "runner show, report and compare read it as ever; to ask its nets, train it again: runner show RUN writes its experiment"}
	}
	if err := json.Unmarshal([]byte(run.Fact(evaluate.ClassesFact)), &q.Classes); err != nil {
		return q, fmt.Errorf("its classes: %w", err)
	}
	if len(q.Classes) < 2 {
		return q, fmt.Errorf("its classes are %q, and a net tells at least two apart", q.Classes)
	}
	for fact, into := range map[string]any{audit.TargetsFact: &q.Targets, audit.AmongFact: &q.Among} {
		if text := run.Fact(fact); text != "" {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				return q, fmt.Errorf("its %s: %w", fact, err)
			}
		}
	}
	return q, q.Check()
}

// Calibrated corrects probabilities as the run's validation split showed; those of a run without a
// calibration stay as they are.
func Calibrated(run Noted, items []stage.Prediction) ([]stage.Prediction, error) {
	text := run.Fact(evaluate.CalibrationFact)
	if text == "" || len(items) == 0 {
		return items, nil
	}
	calibrator, err := evaluate.ReadCalibrator(text, len(items[0].Probabilities))
	if err != nil {
		return nil, err
	}
	out := make([]stage.Prediction, len(items))
	for i, item := range items {
		out[i] = calibrator.Calibrate(item)
	}
	return out, nil
}

// Calibrated corrects what the nets of the run say.
func (o Opened) Calibrated(items []stage.Prediction) ([]stage.Prediction, error) {
	out, err := Calibrated(o.Run, items)
	if err != nil {
		err = fmt.Errorf("run %s: %w", o.Run.ID(), err)
	}
	return out, err
}

// KnowsOutliers says whether the run asked for evaluate.outliers, and every net knows what the
// images of its training are like.
func (o Opened) KnowsOutliers() bool {
	return o.Experiment.Evaluate.Outliers != nil && !slices.ContainsFunc(o.Nets, func(n Net) bool { return n.Outliers == nil })
}

// NoOutliers says why nothing tells how rare images are though the run asked for that; "" where it
// did not, or something does.
func (o Opened) NoOutliers() string {
	if o.Experiment.Evaluate.Outliers == nil || o.KnowsOutliers() {
		return ""
	}
	without := slices.DeleteFunc(slices.Clone(o.Nets), func(n Net) bool { return n.Outliers != nil })
	whose := "its net"
	if fold := without[0].Fold; fold > 0 {
		whose = fmt.Sprintf("its net of fold %d", fold)
	}
	return fmt.Sprintf("there is no %s: run %s has evaluate.outliers, and %s lacks %s", outliers.Column, o.Run.ID(), whose, explain.OutliersFile)
}

// Finder is the net of the run that finds points; ok is false where it has none.
func (o Opened) Finder() (f locate.Finder, ok bool, err error) {
	if o.Experiment.Locate == nil {
		return f, false, nil
	}
	f.Config, f.Compute = *o.Experiment.Locate, o.Experiment.Train.Compute
	f.Locator, f.Weights, ok, err = o.Run.Finder()
	if err == nil && !ok {
		err = stage.Fault{Err: fmt.Errorf("run %s trained a net that finds points, and %s of it is gone", o.Run.ID(), locate.File), Hint: "put its folder of checkpoints back, or train again"}
	}
	return f, ok, err
}
