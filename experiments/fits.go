package experiments

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Fits looks at what only the data shows: whether losses, weights, metrics and flips
// suit its classes and its images. An error is registry.Problems; see Place.
func (e Experiment) Fits(cases audit.Cases) error {
	out := append(oneClass(cases), oneTarget(cases)...)
	for _, f := range slices.Concat(e.Train.Fits(cases.Questions()), e.Train.FitsCases(cases.Cases), e.Train.FitsSoftLabels(cases.Questions(), trainedOn(cases))) {
		out = append(out, registry.Problem{Path: "train." + f.Path, Text: f.Text, Hint: f.Hint})
	}
	for _, f := range e.Evaluate.Fits(cases.Questions(), cases.Cases) {
		out = append(out, registry.Problem{Path: "evaluate." + f.Path, Text: f.Text, Hint: f.Hint})
	}
	for _, s := range e.steering() {
		if text, hint := e.Evaluate.WatchedFits(s.number, cases.Questions(), cases.Cases); text != "" {
			out = append(out, registry.Problem{Path: s.path, Text: text, Hint: hint})
		}
	}
	for _, f := range slices.Concat(preprocess.Lacking(e.Preprocess, cases), preprocess.Unseen(e.Preprocess, cases)) {
		out = append(out, registry.Problem{Path: "preprocess." + f.Path, Text: f.Text, Hint: f.Hint})
	}
	if err := e.Model.WeightsFile(cases.FoldsToRun()...); err != nil {
		out = append(out, problemOf("model.backbone."+e.Model.Backbone.Name+".weights", err))
	}
	out = append(out, pretrainingFits(e, cases)...)
	out = append(out, pointsFit(e, cases)...)
	planes, names := planesOf(cases, stage.Train), augment.Names{Classes: cases.Classes, Targets: cases.Targets, Among: cases.Among, Views: cases.Views, Covariates: cases.Covariates.Columns()}
	for i, entry := range e.Augment {
		if err := (augment.Config{entry}).CheckSides(names, planes); err != nil {
			out = append(out, problemOf(fmt.Sprintf("augment.%d.%s", i, entry.Name), err))
		}
	}
	planes = planesOf(cases, stage.Validation, stage.Test)
	for i, view := range e.Train.TestTime.Views {
		one := augment.TestTime{Views: e.Train.TestTime.Views[i : i+1]}
		if err := one.CheckSides(names, planes); err != nil {
			out = append(out, problemOf(fmt.Sprintf("train.test_time.views.%d.%s", i, view.Name), err))
		}
	}
	return out.Err()
}

// oneClass refuses training cases in which there is nothing to tell apart.
func oneClass(cases audit.Cases) registry.Problems {
	n, labels := 0, map[int]bool{}
	for _, c := range cases.Cases {
		if c.Split == stage.Train {
			n, labels[c.Label] = n+1, true
		}
	}
	if len(labels) != 1 {
		return nil
	}
	for label := range labels {
		return registry.Problems{{Path: "data.source", Text: fmt.Sprintf("all %d training cases are of one class, %s: there is nothing to tell apart", n, cases.Classes[label]),
			Hint: "look at the labels, at what is dropped (runner audit FILE) and at data.split"}}
	}
	return nil
}

// oneTarget refuses to have several targets answered where there is one.
func oneTarget(cases audit.Cases) registry.Problems {
	if len(cases.Targets) != 1 {
		return nil
	}
	return registry.Problems{{Path: "data.label", Text: "all labels are of one target, " + cases.Targets[0],
		Hint: "name several label columns in data.source.table, or in data.targets the columns that say what a label is about; or write label: worst, which needs no target"}}
}

// problemOf keeps apart what is wrong and what to do.
func problemOf(path string, err error) registry.Problem {
	var fault stage.Fault
	if errors.As(err, &fault) {
		return registry.Problem{Path: path, Text: fault.Err.Error(), Hint: fault.Hint}
	}
	return registry.Problem{Path: path, Text: err.Error()}
}

// planesOf lists the types of series that the images of some splits come from.
func planesOf(cases audit.Cases, splits ...stage.Split) []string {
	planes := map[string]bool{}
	for _, c := range cases.Cases {
		if !slices.Contains(splits, c.Split) {
			continue
		}
		for _, plane := range c.Planes() {
			planes[plane] = true
		}
	}
	delete(planes, "")
	return slices.Sorted(maps.Keys(planes))
}

// Place adds to mistakes that were found after loading where the experiment's
// files say what they are about. Other errors, and mistakes whose place is known,
// stay as they are.
func Place(err error, path string, sets []string) error {
	var problems registry.Problems
	if !errors.As(err, &problems) {
		wrong := stage.Wrong{}
		if !errors.As(err, &wrong) {
			return err
		}
		problems = registry.Problems{blame(wrong, err)}
	}
	_, d, _, failed := loadWhole(fromDisk, path, sets)
	if failed != nil {
		return err // the files have changed meanwhile
	}
	c, placed := &checker{document: d}, slices.Clone(problems)
	for i, p := range placed {
		if p.File == "" {
			n := c.locate(p.Path)
			placed[i].File, placed[i].Line, placed[i].Column = c.where(n).File, n.Line, n.Column
		}
	}
	return found{d.annotated(placed), err}
}

// found are mistakes that something else came across: its kind is still told.
type found struct{ mistakes, cause error }

func (f found) Error() string { return f.mistakes.Error() }

// Unwrap gives the mistakes first.
func (f found) Unwrap() []error { return []error{f.mistakes, f.cause} }

// blame says of a setting what is wrong with it. The hint may stand inside or outside.
func blame(wrong stage.Wrong, err error) registry.Problem {
	p := problemOf(wrong.Path, wrong.Err)
	if fault := (stage.Fault{}); p.Hint == "" && errors.As(err, &fault) {
		p.Hint = fault.Hint
	}
	return p
}
