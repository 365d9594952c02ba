package main

import (
	"context"
	"fmt"
	"slices"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// origins are the run and, of an ensemble, the members that count: all that the nets come of.
func (v *validation) origins(ctx context.Context) ([]trained, error) {
	if v.run.Fact(results.EnsembleFact) == "" {
		return []trained{v.run}, nil
	}
	e, err := experiments.StoredEnsemble(v.run.Experiment())
	if err != nil {
		return nil, err
	}
	members, _, err := openMembers(ctx, v.run, e.Ensemble)
	out := []trained{v.run}
	for _, m := range members {
		out = append(out, m.run)
	}
	return out, err
}

// leaks refuses the data that the nets were trained on, as the file splits them, and warns of
// others that the nets may know.
func (v *validation) leaks(ctx context.Context, w world, p predictor, cases audit.Cases) error {
	of, err := v.origins(ctx)
	if err != nil {
		return err
	}
	own := v.fingerprintAsSplit(ctx, w, p)
	for _, run := range of {
		text := ""
		if stored, is := run.(storedRun); is {
			text = sharedCases(stored, cases.Cases)
		}
		if own != "" && own == run.Fact(audit.FingerprintFact) {
			switch v.Split {
			case "", string(stage.Train):
				return stage.Fault{Err: fmt.Errorf("%s names the data that run %s was trained on", w.called(v.File), run.ID()), Hint: "name other data; --split test asks about the run's own test split"}
			case string(stage.Validation):
				text = fmt.Sprintf("the cases are those of the validation split of run %s, which chose its weights and calibration: the numbers are too good", run.ID())
			}
		}
		if text != "" && !slices.Contains(v.warnings, text) {
			v.warnings = append(v.warnings, text)
		}
	}
	return nil
}

// fingerprintAsSplit is that of the data as the file splits them; "" where its split does not suit
// them: whatever else is wrong was told before.
func (v *validation) fingerprintAsSplit(ctx context.Context, w world, p predictor) string {
	c := v.asking()
	c.whole = false
	data, err := c.otherData(p)
	if err != nil {
		return ""
	}
	cases, err := readData(ctx, v.quiet(w), data)
	if err != nil {
		return ""
	}
	return cases.Fingerprint
}

// sharedCases says how many cases are called as cases that the run predicted: then those of its
// training may be among them, too. "" where none is, or all are of its test split.
func sharedCases(run storedRun, cases []stage.Case) string {
	known, folds := map[string]stage.Split{}, false
	for _, item := range run.record.Predictions {
		known[item.CaseID] = item.Split
		folds = folds || item.Split == stage.Validation && item.Tags[stage.FoldTag] != ""
	}
	n, first := map[stage.Split]int{}, ""
	for _, one := range cases {
		split, is := known[one.ID]
		if n[split]++; is && first == "" && split != stage.Test {
			first = one.ID
		}
	}
	chosen, tested, why := n[stage.Validation], n[stage.Test], "others that the nets were trained on may be among them"
	switch {
	case chosen+tested == 0 || tested == len(cases):
		return ""
	case folds && chosen > 0:
		why = "nets of other folds were trained on them"
	case chosen > 0 && chosen+tested == len(cases):
		why = "they chose its weights or its calibration"
	}
	if first == "" {
		first = cases[slices.IndexFunc(cases, func(one stage.Case) bool { return known[one.ID] != "" })].ID
	}
	return fmt.Sprintf("%d of %d cases are called as cases of run %s, such as %s: if they are the same, %s, and the numbers are too good", chosen+tested, len(cases), run.ID(), first, why)
}
