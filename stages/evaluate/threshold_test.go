package evaluate

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestThreshold: after it the predicted classes have the best F1, Youden's J, or specificity or
// sensitivity where the other is enough, that scikit-learn finds among all thresholds.
func TestThreshold(t *testing.T) {
	t.Parallel()
	cases := readReference(t).Thresholds
	for _, c := range cases {
		p := Predictions{Classes: []string{"no", "yes"}}
		for i, label := range c.Labels {
			yes := float64(c.Thousandths[i]) / 1000
			p.Items = append(p.Items, stage.Prediction{CaseID: fmt.Sprint(1000 + i), Label: label, Probabilities: []float64{1 - yes, yes}})
		}
		for best, want := range map[string]float64{"f1": c.F1, "youden": c.Youden, "sensitivity": c.Screening, "specificity": c.Confirming} {
			calibrator, err := Threshold{Best: best, Least: 0.9}.Fit(p)
			if err != nil {
				t.Fatal(err)
			}
			yes := Predictions{Classes: p.Classes, Items: calibrator.calibrateAll(p.Items)}.perClass()[1]
			got := yes.f1
			switch {
			case best == "youden":
				got = yes.recall + yes.specificity - 1
			case best == "sensitivity" && yes.recall >= 0.9:
				got = yes.specificity
			case best == "specificity" && yes.specificity >= 0.9:
				got = yes.recall
			case best != "f1":
				t.Errorf("%s: %s is missed: %v and %v", c.Name, best, yes.recall, yes.specificity)
			}
			if !(math.Abs(got-want) <= 1e-12) {
				t.Errorf("%s, %s: got %v with %v, scikit-learn has %v", c.Name, best, got, calibrator.Offset, want)
			}
		}
	}
	if len(cases) < 3 {
		t.Errorf("there are %d references", len(cases))
	}
}

func TestThresholdMistakes(t *testing.T) {
	t.Parallel()
	one := Predictions{Classes: []string{"no", "yes"}, Items: []stage.Prediction{{Probabilities: []float64{0.4, 0.6}}}}
	if _, err := (Threshold{Best: "f1"}).Fit(one); err == nil || !strings.Contains(err.Error(), "one of the classes does not occur") {
		t.Errorf("got %v", err)
	}
	if err := (Threshold{}).Fits([]string{"a", "b", "c"}); err == nil || !strings.Contains(err.Error(), "there are 3") {
		t.Errorf("got %v", err)
	}
	if err := (Threshold{Class: "c"}).Fits([]string{"a", "b"}); err == nil || !strings.Contains(err.Error(), `there is no class "c"`) {
		t.Errorf("got %v", err)
	}
}

// TestThresholdOfAClass: the class that is looked for may be the first one.
func TestThresholdOfAClass(t *testing.T) {
	t.Parallel()
	last, first := Predictions{Classes: []string{"no", "yes"}}, Predictions{Classes: []string{"yes", "no"}}
	for i, yes := range []float64{0.1, 0.2, 0.3, 0.15, 0.05} {
		label := i % 2
		last.Items = append(last.Items, stage.Prediction{CaseID: fmt.Sprint(i), Label: label, Probabilities: []float64{1 - yes, yes}})
		first.Items = append(first.Items, stage.Prediction{CaseID: fmt.Sprint(i), Label: 1 - label, Probabilities: []float64{yes, 1 - yes}})
	}
	want, err := Threshold{Best: "f1"}.Fit(last)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Threshold{Best: "f1", Class: "yes"}.Fit(first)
	if err != nil || got.Offset[0] != want.Offset[1] || got.Offset[1] != 0 || got.Offset[0] <= 0 {
		t.Errorf("got %v, want %v turned around (%v)", got.Offset, want.Offset, err)
	}
}

// TestThresholdBetweenWhatIsAlike: probabilities so small that the logarithms of both are
// clipped have no threshold between them.
func TestThresholdBetweenWhatIsAlike(t *testing.T) {
	t.Parallel()
	p := Predictions{Classes: []string{"no", "yes"}}
	for i, yes := range []float64{1e-20, 1e-18, 1e-30, 1e-30} {
		p.Items = append(p.Items, stage.Prediction{CaseID: fmt.Sprint(i), Label: map[bool]int{true: 1}[i == 1], Probabilities: []float64{1, yes}})
	}
	calibrator, err := Threshold{Best: "f1"}.Fit(p)
	if err != nil {
		t.Fatal(err)
	}
	if f1 := (Predictions{Classes: p.Classes, Items: calibrator.calibrateAll(p.Items)}).perClass()[1].f1; !(math.Abs(f1-0.4) <= 1e-12) {
		t.Errorf("F1 %v after %v; all are taken for yes, or none", f1, calibrator.Offset)
	}
}

// TestNoThreshold: a run whose validation split lacks a class goes without.
func TestNoThreshold(t *testing.T) {
	t.Parallel()
	told := ""
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}}, Calibrate: &registry.One[Calibrator]{Name: "threshold", Part: Threshold{Best: "f1"}}}
	items := []stage.Prediction{{CaseID: "a", Split: stage.Validation, Probabilities: []float64{0.4, 0.6}}, {CaseID: "b", Split: stage.Validation, Probabilities: []float64{0.7, 0.3}}}
	cases := split(items, stage.Validation)
	if err := Run(t.Context(), stage.Env{Recorder: collector(func(r stage.Record) { told += fmt.Sprintf("%+v\n", r) })}, cfg, []string{"no", "yes"}, cases, items); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told, "calibrate: threshold: one of the classes does not occur on the validation split, so nothing is calibrated") || strings.Contains(told, "validation calibrated") {
		t.Errorf("told %s", told)
	}
}

// TestDecidedAfterThreshold: where calibration moves decisions, the confusion after it is
// shown as well.
func TestDecidedAfterThreshold(t *testing.T) {
	t.Parallel()
	p := Predictions{Classes: []string{"no", "yes"}}
	for i := range 40 {
		yes := 0.1 + 0.005*float64(i)
		p.Items = append(p.Items, stage.Prediction{CaseID: fmt.Sprint(100 + i), Label: map[bool]int{true: 1}[i > 29], Probabilities: []float64{1 - yes, yes}})
	}
	cases := split(p.Items, stage.Validation)
	for name, part := range map[string]Calibrator{"threshold": Threshold{Best: "f1"}, "temperature": Temperature{}} {
		var got []stage.Matrix
		cfg := Config{Metrics: []registry.One[Metric]{{Name: "confusion"}}, Calibrate: &registry.One[Calibrator]{Name: name, Part: part}}
		if err := Run(t.Context(), stage.Env{Recorder: collector(func(r stage.Record) {
			if m, is := r.(stage.Matrix); is && m.Name == "confusion_calibrated" {
				got = append(got, m)
			}
		})}, cfg, p.Classes, cases, p.Items); err != nil {
			t.Fatal(err)
		}
		want := "[]"
		if name == "threshold" {
			want = "[Confusion matrix after calibration, validation [[30 0] [0 10]]]"
		}
		told := []string{}
		for _, m := range got {
			told = append(told, fmt.Sprint(m.Title, " ", m.Values))
		}
		if fmt.Sprint(told) != want {
			t.Errorf("%s: got %v, want %s", name, told, want)
		}
	}
}
