package main

import (
	"context"
	"fmt"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// ownData refuses the data that the nets were trained on: those of the run's fingerprint, as the
// file splits them.
func (v *validation) ownData(ctx context.Context, w world, p predictor) error {
	if v.Split == string(stage.Test) || v.Split == string(stage.Validation) {
		return nil
	}
	c := v.asking()
	c.whole = false
	data, err := c.otherData(p)
	if err != nil {
		return err
	}
	cases, err := readData(ctx, v.quiet(w), data)
	if err != nil { // its own split does not suit it; whatever else is wrong was told before
		return nil
	}
	if cases.Fingerprint != v.run.Fact(audit.FingerprintFact) {
		return nil
	}
	return stage.Fault{Err: fmt.Errorf("%s names the data that run %s was trained on", w.called(v.File), v.run.ID()), Hint: "name other data; --split test asks about the run's own test split"}
}

// shared says how many cases are called as cases are that the run predicted, held out of its
// training: then those of the training may be among them, too. "" where none is, or of a package,
// which names no case.
func (v *validation) shared(cases audit.Cases) string {
	stored, is := v.run.(storedRun)
	if !is || v.Split == string(stage.Test) || v.Split == string(stage.Validation) {
		return ""
	}
	known := map[string]bool{}
	for _, item := range stored.record.Predictions {
		known[item.CaseID] = true
	}
	n, first := 0, ""
	for _, one := range cases.Cases {
		if known[one.ID] {
			if n++; n == 1 {
				first = one.ID
			}
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d cases are called as cases of the run's own data, such as %s: if they are the same, others that the nets were trained on may be among them, and the numbers are too good", n, len(cases.Cases), first)
}
