package evaluate

import (
	"fmt"
	"slices"
	"strconv"

	"vertebra/stages/stage"
)

// TestedInTurn says whether items are of a cross-validation whose folds take turns as test set: then
// each case is tested by the net of its fold, and items of validation have the fold's name.
func TestedInTurn(items []stage.Prediction) bool {
	return slices.ContainsFunc(items, func(p stage.Prediction) bool { return p.Split == stage.Test && p.Tags[stage.FoldTag] != "" })
}

// fitOn is what calibrations and thresholds are found on: validation cases. Of folds that test in
// turn those of each are for what it tests, apart; all is for the nets together, which later images
// are asked about, and is what nets said of the cases that they tested, each case once.
type fitOn struct {
	all   []stage.Prediction
	folds []fold // nil unless folds test in turn
	turns bool
}

func fitting(items []stage.Prediction) fitOn {
	if !TestedInTurn(items) {
		return fitOn{all: ofSplit(items, stage.Validation)}
	}
	return fitOn{ofSplit(items, stage.Test), foldsOf(items).of(stage.Validation), true}
}

// nothing says that there is nothing to learn from.
func (f fitOn) nothing() bool { return len(f.all) == 0 || f.turns && len(f.folds) == 0 }

// calibrators are those of folds, by stage.FoldTag; nil unless they test in turn.
func (f fitOn) calibrators(cfg Config, classes []string) (out map[string]FittedCalibrator, err error) {
	for _, one := range f.folds {
		p, err := cfg.prepare(classes, one.items)
		if err != nil {
			return nil, fmt.Errorf("fold %d: %w", one.number, err)
		}
		fitted, _, err := fitTargets(cfg.Calibrate.Part, p)
		if err != nil {
			return nil, fmt.Errorf("fold %d: %w", one.number, err)
		}
		if out == nil {
			out = map[string]FittedCalibrator{}
		}
		out[strconv.Itoa(one.number)] = fitted
	}
	return out, nil
}

// ofFold are the validation cases of a fold that tests in turn.
type ofFold struct {
	tag  string
	from Predictions
}

// calibrated are the validation cases of each fold, as its own calibration leaves them.
func (f fitOn) calibrated(cfg Config, classes []string, calibrator *FittedCalibrator) (out []ofFold, err error) {
	for _, one := range f.folds {
		p, err := cfg.prepare(classes, calibrator.calibrateAll(one.items))
		if err != nil {
			return nil, fmt.Errorf("fold %d: %w", one.number, err)
		}
		out = append(out, ofFold{strconv.Itoa(one.number), p})
	}
	return out, nil
}

// reserveInTurn says why coverage may miss the promise where folds test in turn.
const reserveInTurn = "the thresholds of a fold come from its own validation cases, which also chose the weights that are kept, and are measured on the cases that it tests; those for new images come from all cases, each predicted by the net that did not see it, but sets are then made of the mean of all nets, of which no theorem speaks"

// fit finds thresholds as c asks, of folds that test in turn also those of each.
func (s *setting) fit(c Conformal, seed uint64) Sets {
	out := c.fit(s.from, seed)
	for _, f := range s.folds {
		if out.Folds == nil {
			out.Folds = map[string]Sets{}
		}
		out.Folds[f.tag] = c.fit(f.from, seed)
	}
	return out
}

// shifts says whether a calibration, or that of a fold, moves the boundaries between classes.
func (m FittedCalibrator) shifts() bool {
	for _, of := range m.Folds {
		if len(of.Offset) > 0 {
			return true
		}
	}
	return len(m.Offset) > 0
}

// casesInTurn gives cases like those that folds were trained on which test in turn: those that they
// tested, with what each fold made of them.
func casesInTurn(items []stage.Prediction) (out []stage.Case) {
	at, folds := map[string]int{}, 0
	for _, item := range items {
		number, err := strconv.Atoi(item.Tags[stage.FoldTag])
		if err != nil || number < 1 {
			continue
		}
		if folds = max(folds, number); item.Split == stage.Test {
			at[item.CaseID] = len(out)
			out = append(out, stage.Case{ID: item.CaseID, Group: item.Group, Label: item.Label, Tags: item.Tags, Split: stage.Train, Fold: number})
		}
	}
	for i := range out {
		out[i].Turns = slices.Repeat([]stage.Split{stage.Train}, folds)
		out[i].Turns[out[i].Fold-1] = stage.Test
	}
	for _, item := range items {
		if split, fold, ok := stage.ParseFoldName(string(item.Split)); ok && split == string(stage.Validation) && fold <= folds {
			if i, tested := at[item.CaseID]; tested {
				out[i].Turns[fold-1] = stage.Validation
			}
		}
	}
	return out
}

// Validated gives what a run predicted of its validation split, to be compared with the same of
// another run. Where folds test in turn, a case may validate in several of them: then it has the name of
// the fold besides, and a comparison draws all that is of its group together. fold is that of a run of
// one fold.
func Validated(items []stage.Prediction, fold int, inTurn bool) (out []stage.Prediction) {
	for _, item := range items {
		of, number, named := stage.ParseFoldName(string(item.Split))
		switch {
		case inTurn && named && of == string(stage.Validation):
			item.Split, item.CaseID = stage.Validation, stage.FoldName(item.CaseID, number)
		case item.Split != stage.Validation:
			continue
		case inTurn:
			item.CaseID = stage.FoldName(item.CaseID, fold)
		}
		out = append(out, item)
	}
	return out
}
