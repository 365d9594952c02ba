package experiments

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/evaluate"
	"vertebra/stages/locate"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/train"
	"vertebra/sweeps"
)

// Views that would give sides the wrong numbers are refused with the place of the
// view, by the images that are predicted: training images do not count.
func TestFitsViews(t *testing.T) {
	t.Parallel()
	e, _, err := Load("testdata/bad/base/whole.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	e.Augment = nil
	e.Train.TestTime.Views = []registry.One[augment.View]{
		{Name: "rotate", Part: augment.RotateView{Degrees: 5}}, {Name: "flip", Part: augment.FlipView{Axis: "horizontal", Sides: "swap"}},
	}
	cases := audit.Cases{Classes: []string{"left", "right"}, Cases: []stage.Case{
		{Split: stage.Train, Tags: map[string]string{"series_type": "Sagittal T1"}},
		{Split: stage.Validation, Tags: map[string]string{"series_type": "Axial T2"}},
		{Split: stage.Train, Label: 1},
	}}
	if err := e.Fits(cases); err != nil {
		t.Errorf("axial images: got %v", err)
	}
	cases.Cases[1].Tags["series_type"] = "Sagittal T2"
	err = e.Fits(cases)
	var problems registry.Problems
	if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Path != "train.test_time.views.1.flip" || !strings.Contains(problems[0].Text, "Sagittal T2") {
		t.Errorf("got %v", err)
	}
}

// TestFitsOneTarget: of one target there is nothing to answer together.
func TestFitsOneTarget(t *testing.T) {
	t.Parallel()
	e, _, err := Load("testdata/bad/base/whole.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	cases := audit.Cases{Classes: []string{"no", "yes"}, Targets: []string{"edema"}, Cases: []stage.Case{{Split: stage.Train}, {Split: stage.Train, Label: 1}}}
	if err := e.Fits(cases); err == nil || !strings.Contains(err.Error(), "data.label: all labels are of one target, edema; name several label columns") {
		t.Errorf("got %v", err)
	}
	cases.Targets = []string{"edema", "nodule"}
	if err := e.Fits(cases); err != nil {
		t.Errorf("two targets: got %v", err)
	}
}

// TestFitsMetrics: a metric of other classes is found before anything is trained.
func TestFitsMetrics(t *testing.T) {
	t.Parallel()
	e, _, err := Load("testdata/bad/base/whole.yaml", []string{"evaluate.metrics=[f1, {positive_class: {class: ye}}]", "evaluate.average_over=organ"})
	if err != nil {
		t.Fatal(err)
	}
	e.Augment = nil
	yes := stage.Case{ID: "1", Split: stage.Validation, Label: 1, Tags: map[string]string{"organ": "heart"}}
	cases := audit.Cases{Classes: []string{"no", "yes"}, Cases: []stage.Case{{Split: stage.Train}, {Split: stage.Train, Label: 1}, yes}}
	if err := e.Fits(cases); err == nil || err.Error() != "evaluate.metrics.1: validation split: there is no class \"ye\"; did you mean yes? (known: no, yes)" {
		t.Errorf("got %v", err)
	}
}

// TestFitsOneClass: of one class there is nothing to learn.
func TestFitsOneClass(t *testing.T) {
	t.Parallel()
	e, _, err := Load("testdata/bad/base/whole.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	e.Augment = nil
	cases := audit.Cases{Classes: []string{"no", "yes"}, Cases: []stage.Case{{Split: stage.Train, Label: 1}, {Split: stage.Train, Label: 1}, {Split: stage.Test}}}
	if err := e.Fits(cases); err == nil || !strings.Contains(err.Error(), "data.source: all 2 training cases are of one class, yes") {
		t.Errorf("got %v, want the one class", err)
	}
}

// TestPlaceOfWhatASettingIsToBlameFor: an error of a later stage is found in the file,
// and its kind is kept.
func TestPlaceOfWhatASettingIsToBlameFor(t *testing.T) {
	t.Parallel()
	blamed := stage.Failure{What: stage.BadData, Err: stage.Wrong{Path: "data.split.validation", Err: stage.Fault{Err: errors.New("is wrong"), Hint: "mend it"}}}
	err := Place(fmt.Errorf("audit: %w", blamed), "testdata/bad/base/whole.yaml", []string{"data.split.validation=0.3"})
	var problems registry.Problems
	var kind stage.Failure
	if !errors.As(err, &problems) || !errors.As(err, &kind) || kind.What != stage.BadData {
		t.Fatalf("got %v, want problems of the kind data", err)
	}
	if p := problems[0]; p.File != "--set data.split.validation=0.3" || p.Text != "is wrong" || p.Hint != "mend it" {
		t.Errorf("got %+v, want it blamed on --set", p)
	}
}

// TestGuessedOrder: grades in the order of the alphabet are told to who needs them.
func TestGuessedOrder(t *testing.T) {
	t.Parallel()
	e := Default()
	e.Data.Source = registry.One[audit.Source]{Name: "table", Part: audit.Table{}}
	kappa, _ := evaluate.Metrics.Default("kappa")
	coral, _ := train.Losses.Default("coral")
	e.Evaluate.Metrics = []registry.One[evaluate.Metric]{kappa}
	classes := []string{"mild", "normal", "severe"}
	got := guessedOrder(e, DataPlan{Classes: classes})
	if len(got) != 1 || !strings.Contains(got[0], "mild < normal < severe; to metric kappa it means grades") {
		t.Errorf("got %q, want the order", got)
	}
	if e.Evaluate.Metrics = nil; guessedOrder(e, DataPlan{Classes: classes}) != nil {
		t.Error("nobody asks for an order, and it is told")
	}
	if e.Train.Loss = coral; guessedOrder(e, DataPlan{Classes: classes}) == nil || guessedOrder(e, DataPlan{Classes: []string{"0", "1", "2"}}) != nil {
		t.Error("want coral to be told of words, and not of numbers")
	}
	if e.Data.Source.Part = (audit.Table{Classes: classes}); guessedOrder(e, DataPlan{Classes: classes}) != nil {
		t.Error("the experiment gives the order, and is warned")
	}
}

// TestFitsMonitorsOfTargets: a target that the data does not have is told at each setting that
// names it.
func TestFitsMonitorsOfTargets(t *testing.T) {
	t.Parallel()
	e, _, err := Load("testdata/bad/base/whole.yaml", []string{"train.monitor=validation.loss/edema", "train.phases.all.monitor=validation.loss/edma"})
	if err != nil {
		t.Fatal(err)
	}
	e.Sweep = &sweeps.Config{Objective: "validation.loss/mass"}
	of := func(split stage.Split, label int, target string) stage.Case {
		return stage.Case{Split: split, Label: label, Tags: map[string]string{stage.TargetTag: target}}
	}
	cases := audit.Cases{Classes: []string{"no", "yes"}, Targets: []string{"edema", "nodule"}, Cases: []stage.Case{
		of(stage.Train, 0, "edema"), of(stage.Train, 1, "nodule"), of(stage.Validation, 0, "edema"), of(stage.Validation, 1, "nodule")}}
	var problems registry.Problems
	if err := e.Fits(cases); !errors.As(err, &problems) || len(problems) != 2 ||
		problems[0].Error() != `train.phases.0.monitor: there is no target "edma"; did you mean edema? (known: edema, nodule)` || problems[1].Path != "sweep.objective" {
		t.Errorf("got %v", err)
	}
	if names := evaluate.Names(e.Measures()); !slices.ContainsFunc(names, func(s stage.Scalar) bool { return s.Name == "loss/mass" }) {
		t.Errorf("got %v", names)
	}
}

// TestPointsFit: what only the data shows of the net that finds points is told before the others
// are trained.
func TestPointsFit(t *testing.T) {
	t.Parallel()
	e, _, err := Load("testdata/bad/base/whole.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	l := locate.Config{}.Defaults()
	l.Augment = augment.Config{{Name: "flip", Part: augment.Flip{Horizontal: 0.5, Sides: "swap", When: augment.Always}}}
	e.Augment, e.Locate = nil, &l
	point := func(id, name, plane string, split stage.Split) stage.Case {
		return stage.Case{ID: id, Image: id[:1], Point: &stage.Point{X: float64(len(id))}, Label: len(id) % 2, Split: split, Tags: map[string]string{"condition": name, "series_type": plane}}
	}
	left, right := point("a", "left", "Axial T2", stage.Train), point("ab", "right", "Axial T2", stage.Train)
	for want, cases := range map[string][]stage.Case{
		"": {left, right},
		"locate.augment.0.flip: flip swaps left and right: target \"left\" has a side":            {left, point("b", "canal", "Axial T2", stage.Train), point("bc", "c", "Axial T2", stage.Train)},
		"locate.augment.0.flip: flip with sides: swap would give Sagittal T1 images the labels":   {left, right, point("cd", "left", "Sagittal T1", stage.Train)},
		"locate.tags: two points are called \"left\" in a":                                        {left, right, point("abc", "left", "Axial T2", stage.Train)},
		"locate: no training case has a point":                                                    {{ID: "x", Split: stage.Train}, {ID: "y", Label: 1, Split: stage.Train}, point("c", "canal", "", stage.Test)},
		"locate: no case has a point; leave locate out, or take a source whose table has columns": {{ID: "x", Split: stage.Train}, {ID: "y", Label: 1, Split: stage.Train}},
	} {
		err := e.Fits(audit.Cases{Classes: []string{"no", "yes"}, Cases: cases})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
