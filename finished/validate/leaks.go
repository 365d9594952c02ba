package validate

import (
	"context"
	"fmt"
	"slices"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// origins are the run and, of an ensemble, the members that count: all that the nets come of.
func (v *Validation) origins(ctx context.Context) ([]finished.Run, error) {
	out := []finished.Run{v.run}
	if !finished.IsEnsemble(v.run) {
		return out, nil
	}
	members, err := finished.OpenAsked(ctx, v.run)
	for _, m := range members {
		out = append(out, m.Run)
	}
	return out, err
}

// leaks refuses the data that the nets were trained on, as the file splits them, and warns of
// others that the nets may know.
func (v *Validation) leaks(ctx context.Context, env stage.Env, p finished.Opened, cases audit.Cases) error {
	of, err := v.origins(ctx)
	if err != nil {
		return err
	}
	for _, run := range of {
		text, trainedOn := v.known(ctx, env, p, cases, run)
		if trainedOn {
			hint := "name other data; --split test asks about the run's own test split, where the file divides the data as the run did"
			if trainedOnAll(run) {
				hint = "name other data: the nets together have seen every case, and what they said of those that they tested is in the run's report"
			}
			return stage.Fault{Err: fmt.Errorf("%s names the data that run %s was trained on", v.Called, run.ID()), Hint: hint}
		}
		if text != "" && !slices.Contains(v.warnings, text) {
			v.warnings = append(v.warnings, text)
		}
	}
	return nil
}

// known says what of the data a run knows, "" for nothing, or that they are those that it was trained
// on. A package names no cases: of its run only the same data are known, whatever their splits.
func (v *Validation) known(ctx context.Context, env stage.Env, p finished.Opened, cases audit.Cases, run finished.Run) (text string, trainedOn bool) {
	stored, is := run.(finished.Stored)
	if is {
		text = sharedCases(stored, cases.Cases)
	}
	if finished.IsEnsemble(run) { // its members are asked by themselves; of other data it learnt its calibration
		if !is {
			text = v.taught(cases, run)
		}
		return text, false
	}
	same, divided := v.sameData(ctx, env, p, cases, run)
	switch {
	case !same:
	case v.Split == "", v.Split == string(stage.Train) && divided:
		return "", true
	case v.Split == string(stage.Test) && trainedOnAll(run):
		text = fmt.Sprintf("the data are those of run %s, of which each case was tested by the net of one fold and trained the others: the numbers are too good; its own test numbers are not", run.ID())
	case v.Split == string(stage.Validation) && divided:
		text = fmt.Sprintf("the cases are those of the validation split of run %s, which chose its weights and calibration: the numbers are too good", run.ID())
	case !divided && text == "":
		text = fmt.Sprintf("the data are those of run %s, dealt to splits in another way: cases that it was trained on are among them, and the numbers are too good", run.ID())
	}
	if is && text == "" && !divided && run.Fact(audit.UndividedFact) == "" {
		text = v.dealtAnew(ctx, env, p, cases.Cases, stored)
	}
	if is && text == "" {
		text = v.unlabelled(ctx, env, cases, stored)
	}
	return text, false
}

// unlabelled warns of cases whose images a run was trained on without their labels; "" where there are
// none, or where its data are not there any more.
func (v *Validation) unlabelled(ctx context.Context, env stage.Env, cases audit.Cases, run finished.Stored) string {
	e, err := experiments.Stored(run.Experiment())
	if err != nil || e.Data.PseudoLabels == nil && e.Pretrain == nil {
		return ""
	}
	own, err := predict.ReadQuietly(ctx, v.quiet(env), e.Data)
	if err != nil {
		return ""
	}
	n, first := own.Taught(cases)
	how := "trained on with pseudo-labels"
	if n == 0 && e.Pretrain != nil {
		u, err := e.Pretrain.Read(ctx, v.quiet(env), e.Data, e.Preprocess, own)
		if err != nil {
			return ""
		}
		n, first = u.Taught(cases)
		how = "pretrained on without labels"
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d cases, such as %s, are by their images, studies or patients among those that run %s was %s: what is measured is not how good it is elsewhere", n, len(cases.Cases), first, run.ID(), how)
}

// taught says whether a packed ensemble learnt its calibration from the data: from all but their
// test split, as they were divided then.
func (v *Validation) taught(cases audit.Cases, run finished.Run) string {
	test := v.Split == string(stage.Test)
	switch {
	case run.Fact(audit.UndividedFact) != cases.Undivided, test && run.Fact(audit.FingerprintFact) == cases.Fingerprint:
		return ""
	case test:
		return fmt.Sprintf("the data are those of run %s, which learnt its calibration from all but a test split, and that split may be another: cases that were learnt from are among these then, and the numbers are too good", run.ID())
	}
	return fmt.Sprintf("the data are those of run %s, whose calibration was learnt from a part of them: the numbers are too good", run.ID())
}

// sameData says whether the data are those of a run, and whether they are divided as there. Runs of
// older programs know but data that are divided as theirs.
func (v *Validation) sameData(ctx context.Context, env stage.Env, p finished.Opened, cases audit.Cases, run finished.Run) (same, divided bool) {
	fingerprint := cases.Fingerprint
	if whole := run.Fact(audit.UndividedFact); whole != "" {
		same = whole == cases.Undivided
		return same, same && v.Split != "" && fingerprint == run.Fact(audit.FingerprintFact)
	}
	if v.Split == "" { // read as one split
		fingerprint = v.fingerprintAsSplit(ctx, env, p)
	}
	same = fingerprint != "" && fingerprint == run.Fact(audit.FingerprintFact)
	return same, same
}

// dealtAnew warns of a split of which nothing is known where other cases of the file are called as
// cases of a run: it may be what the run was trained on. Newer runs know their data however they
// are divided.
func (v *Validation) dealtAnew(ctx context.Context, env stage.Env, p finished.Opened, asked []stage.Case, run finished.Stored) string {
	known := map[string]bool{}
	for _, item := range run.Record.Predictions {
		known[item.CaseID] = true
	}
	if v.Split == "" || !slices.ContainsFunc(asked, func(one stage.Case) bool { return !known[one.ID] }) {
		return ""
	}
	all := v.asSplit(ctx, env, p).Cases
	at := slices.IndexFunc(all, func(one stage.Case) bool { return known[one.ID] })
	if at < 0 {
		return ""
	}
	return fmt.Sprintf("other cases of %s, such as %s, are called as cases of run %s: if they are the same, the %s split of the file holds cases that its nets were trained on, and the numbers are too good",
		v.Called, all[at].ID, run.ID(), v.Split)
}

// fingerprintAsSplit is that of the data as the file splits them; "" where its split does not suit
// them.
func (v *Validation) fingerprintAsSplit(ctx context.Context, env stage.Env, p finished.Opened) string {
	return v.asSplit(ctx, env, p).Fingerprint
}

// asSplit are all cases as the file splits them; none where its split does not suit them: whatever
// else is wrong was told before.
func (v *Validation) asSplit(ctx context.Context, env stage.Env, p finished.Opened) audit.Cases {
	c := v.asking()
	c.Whole = false
	data, err := c.OtherData(p)
	if err != nil {
		return audit.Cases{}
	}
	cases, err := predict.ReadQuietly(ctx, v.quiet(env), data)
	if err != nil {
		return audit.Cases{}
	}
	return cases
}

// sharedCases says how many cases are called as cases that the run predicted: then those of its
// training may be among them, too. "" where none is, or all are of its test split.
func sharedCases(run finished.Stored, cases []stage.Case) string {
	known, folds := map[string]stage.Split{}, false
	for _, item := range run.Record.Predictions {
		split, _, _ := stage.ParseFoldName(string(item.Split))
		inTurn := item.Tags[stage.FoldTag] != "" && string(item.Split) == split
		folds = folds || inTurn
		if known[item.CaseID] = stage.Split(split); inTurn { // also what one fold tests trained the nets of others
			known[item.CaseID] = stage.Validation
		}
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

// trainedOnAll says whether the nets of a run together have seen every case: its folds tested in turn,
// or none of them tested.
func trainedOnAll(run finished.Run) bool {
	e, err := experiments.Stored(run.Experiment())
	return err == nil && e.Data.Split.TestsInTurn() && e.Data.Split.Fold <= 0
}
