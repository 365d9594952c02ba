package experiments

import (
	"errors"
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
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
