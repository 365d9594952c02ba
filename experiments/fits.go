package experiments

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Fits looks at what only the data shows: whether losses, weights and flips suit
// its classes and its images. An error is registry.Problems; see Place.
func (e Experiment) Fits(cases audit.Cases) error {
	var out registry.Problems
	for _, f := range e.Train.Fits(cases.Classes) {
		out = append(out, registry.Problem{Path: "train." + f.Path, Text: f.Text, Hint: f.Hint})
	}
	planes := planesOf(cases, stage.Train)
	for i, entry := range e.Augment {
		if err := (augment.Config{entry}).CheckSides(cases.Classes, planes); err != nil {
			out = append(out, problemOf(fmt.Sprintf("augment.%d.%s", i, entry.Name), err))
		}
	}
	planes = planesOf(cases, stage.Validation, stage.Test)
	for i, view := range e.Train.TestTime.Views {
		one := augment.TestTime{Views: e.Train.TestTime.Views[i : i+1]}
		if err := one.CheckSides(cases.Classes, planes); err != nil {
			out = append(out, problemOf(fmt.Sprintf("train.test_time.views.%d.%s", i, view.Name), err))
		}
	}
	return out.Err()
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
		if plane := c.Tags["series_type"]; plane != "" && slices.Contains(splits, c.Split) {
			planes[plane] = true
		}
	}
	return slices.Sorted(maps.Keys(planes))
}

// Place adds to mistakes that were found after loading where the experiment's
// files say what they are about. Other errors, and mistakes whose place is known,
// stay as they are.
func Place(err error, path string, sets []string) error {
	var problems registry.Problems
	if !errors.As(err, &problems) {
		return err
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
	return d.annotated(placed)
}
