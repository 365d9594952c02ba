package audit

import (
	"errors"
	"fmt"
	"slices"

	"vertebra/stages/internal/stratify"
	"vertebra/stages/stage"
)

// What folds take turns as: see Split.Rotate.
const rotateValidation, rotateTest = "validation", "test"

// TestsInTurn says whether folds take turns as test set, so that each case is tested once.
func (s Split) TestsInTurn() bool { return s.Rotate == rotateTest }

// validateTurns leaves each fold something to train on.
func (s Split) validateTurns() error {
	switch {
	case !s.TestsInTurn():
		return nil
	case s.Folds == 0 && s.fixes() == nil:
		return errors.New("rotate is test, and there are no folds to take turns; write folds: 5")
	case len(s.Lists) > 0 && s.Folds == 0:
		return errors.New("rotate is test, and lists name no folds; write folds: 5 with a list of train alone, or name the folds by column or file")
	case s.Test > 0:
		return fmt.Errorf("rotate is test, where each case is tested in its fold; test: %v would take cases out before: write test: 0", s.Test)
	case s.Folds > 0 && s.Validation+1/float64(s.Folds) >= 1:
		return fmt.Errorf("a test fold of 1/%d and validation %v leave nothing for training; their sum must be below 1", s.Folds, s.Validation)
	}
	return nil
}

// takeTurns has each fold test the cases that are its own, and deals its validation cases, by the
// same groups and strata, from the others: apart for each fold, so a group may validate in several
// folds, in one, or in none. What is for test or validation in all folds is refused.
func (s Split) takeTurns(c *Cases, patients map[string]string) error {
	if !s.TestsInTurn() {
		return nil
	}
	if c.Folds == 0 {
		return s.wrongTurns(errors.New("it names no folds that could take turns as test set"), "give numbers of folds, or rotate: validation")
	}
	for _, one := range c.Cases {
		if one.Fold == 0 {
			return s.wrongTurns(fmt.Errorf("case %s is for %s in every fold, and with rotate: test each case is tested in its fold", one.ID, one.Split), "give it a fold, leave it out with data.drop, or write rotate: validation")
		}
	}
	for fold := 1; fold <= c.Folds; fold++ {
		validates, err := s.validatesIn(fold, c.Cases, patients)
		if err != nil {
			return err
		}
		for i := range c.Cases {
			one, split := &c.Cases[i], stage.Train
			if one.Fold == fold {
				split = stage.Test
			} else if validates[i] {
				split = stage.Validation
			}
			one.Turns = append(one.Turns, split)
		}
	}
	known := map[string][]stage.Split{} // one copy for all cases of the same turns
	for i := range c.Cases {
		one := &c.Cases[i]
		text := turnsText(one.Turns)
		if known[text] == nil {
			known[text] = slices.Clip(one.Turns)
		}
		one.Turns, one.Split = known[text], one.Turns[0]
	}
	return nil
}

// wrongTurns names the setting that fixes the split, or else rotate.
func (s Split) wrongTurns(err error, hint string) error {
	path := "data.split.rotate"
	if fixed := s.fixes(); fixed != nil {
		path = "data.split." + fixed[0]
	}
	return stage.Wrong{Path: path, Err: stage.Fault{Err: err, Hint: hint}}
}

// validatesIn deals validation cases of a fold from those that it does not test; the keys are places
// in cases.
func (s Split) validatesIn(fold int, cases []stage.Case, patients map[string]string) (map[int]bool, error) {
	var at []int
	var rest []stage.Case
	for i, one := range cases {
		if one.Fold != fold {
			at, rest = append(at, i), append(rest, one)
		}
	}
	out := map[int]bool{}
	if s.Validation == 0 {
		return out, nil
	}
	groups, err := s.groups(rest, patients)
	if err != nil {
		return nil, err
	}
	share := s.Validation * float64(len(cases)) / float64(max(1, len(rest)))
	validation := &stratify.Bin{Share: share}
	bins := []*stratify.Bin{{Share: 1 - share}, validation}
	if share < 1 {
		stratify.Shuffle(stage.Hash(s.Seed, "validation of fold", fold), groups)
		stratify.Deal(groups, bins)
	}
	if share >= 1 || len(bins[0].Groups) == 0 || len(validation.Groups) == 0 {
		return nil, stage.Wrong{Path: "data.split.validation", Err: stage.Fault{
			Err:  fmt.Errorf("of %d groups that fold %d does not test, a share of %.3g of all cases leaves none to validate on or none to train on", len(groups), fold, s.Validation),
			Hint: "make it larger or smaller, or 0; use fewer folds or more data"}}
	}
	for _, g := range validation.Groups {
		for _, i := range g.Cases {
			out[at[i]] = true
		}
	}
	return out, nil
}

// turnsText has a letter for what each fold makes of a case.
func turnsText(turns []stage.Split) string {
	if turns == nil {
		return ""
	}
	text := make([]byte, len(turns))
	for i, split := range turns {
		text[i] = split[1] // r, a or e
	}
	return string(text)
}

// TestInTurn says whether folds take turns as test set.
func (c Cases) TestInTurn() bool {
	return slices.ContainsFunc(c.Cases, func(one stage.Case) bool { return one.Turns != nil })
}

// ofFirstFold is added to titles of what each fold has otherwise, where all are run.
func (c Cases) ofFirstFold() string {
	if c.Fold == 0 && c.TestInTurn() {
		return ", of fold 1"
	}
	return ""
}

// turnsTable counts what each fold trains, validates and tests on.
func (c Cases) turnsTable() stage.Table {
	t := stage.Table{Name: "folds", Title: "Folds", Section: "data", Columns: append([]string{"fold", "split", "cases", c.GroupsAre(), "images"}, c.Classes...)}
	for fold := 1; fold <= c.Folds; fold++ {
		for _, row := range c.InFold(fold).splitTable().Rows {
			t.Rows = append(t.Rows, append([]any{fold}, row...))
		}
	}
	return t
}
