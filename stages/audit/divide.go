package audit

import (
	"fmt"

	"vertebra/stages/stage"
)

// divide puts each case into a split, and with cross-validation into a fold.
func (c *Cases) divide(cfg Config, patients map[string]string) error {
	split := cfg.Split
	c.Folds, c.Fold = split.Folds, split.Fold
	if err := split.put(c, patients, cfg.Rules); err != nil {
		return err
	}
	if err := split.takeTurns(c, patients); err != nil {
		return err
	}
	if err := c.useSome(split, patients, cfg.Rules); err != nil {
		return err
	}
	if c.Fold > c.Folds {
		return stage.Wrong{Path: "data.split.fold", Err: stage.Fault{Err: fmt.Errorf("there is no fold %d of %d", c.Fold, c.Folds), Hint: "data.split.file or data.split.column numbers the folds"}}
	}
	if c.Fold != 0 {
		c.Cases = stage.InFold(c.Cases, c.Fold)
	}
	return nil
}

// Untrained is the split of data that nothing is trained on. No file can say it.
var Untrained = Split{By: rowByRow, Test: 1, TrainSize: 1}

// put gives each case its split, by a file, by lists, by a column or by chance.
func (s Split) put(c *Cases, patients map[string]string, actions Actions) error {
	switch {
	case s.Test == 1:
		for i := range c.Cases {
			c.Cases[i].Split = stage.Test
		}
		return nil
	case s.File != "":
		file, err := readSplitFile(string(s.File))
		if err != nil {
			return err
		}
		return file.apply(c, patients, actions)
	case len(s.Lists) > 0:
		return s.listed(c, patients, actions)
	case s.Column != "":
		return s.fixedBy(c, patients, actions)
	}
	return s.assign(s.Seed, c.Cases, patients)
}

// FoldsToRun lists the folds that the experiment asks for, in their order: 1 to k for
// cross-validation, one number when it chooses one, and a single 0 for a single
// split. See InFold.
func (c Cases) FoldsToRun() []int {
	if c.Fold != 0 || c.Folds == 0 {
		return []int{c.Fold}
	}
	out := make([]int, c.Folds)
	for i := range out {
		out[i] = i + 1
	}
	return out
}

// InFold gives the cases with their splits as a fold sees them; the rest is
// shared.
func (c Cases) InFold(fold int) Cases {
	c.Cases = stage.InFold(c.Cases, fold)
	return c
}
