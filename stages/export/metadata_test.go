package export

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/evaluate"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/train"
)

// saying is an exporter whose nets nobody asks: what a file says of itself needs none.
func saying(classes ...string) *exporter {
	one := &member{Member: Member{Run: "run-1", Task: model.Task{Each: len(classes)}, Train: train.Config{TestTime: augment.DefaultTestTime}}}
	return &exporter{
		Request: Request{Names: augment.Names{Classes: classes}, Layout: preprocess.Layout{Shape: preprocess.Shape{Channels: 3, Height: 4, Width: 5}}},
		members: []*member{one},
	}
}

// TestAnswersTold: what becomes of the probabilities, and what is decided by them.
func TestAnswersTold(t *testing.T) {
	t.Parallel()
	calibrator := &evaluate.FittedCalibrator{Name: "vector", Scale: []float64{2, 1, 1}, Offset: []float64{0, 1, 0}}
	largest := "the class of the largest probability; of equal ones the first"
	after := "after calibration, softmax(scale · ln p + offset)"
	for name, c := range map[string]struct {
		change func(*exporter)
		want   map[string]string // with "" for what is not there
	}{
		"plain": {func(*exporter) {}, map[string]string{"decision": largest, "calibration": "", "calibrated": "", "prediction_sets": "", "members": "", "blend": "", "folds": "", "thresholds": "", "classes_of_targets": "", "covariates": "", "test_time_augmentation": ""}},
		"calibrated": {func(e *exporter) { e.Calibrator = calibrator }, map[string]string{
			"decision": largest, "calibration": text(calibrator), "calibrated": "true"}},
		"raw": {func(e *exporter) { e.Calibrator, e.Raw = calibrator, true }, map[string]string{
			"decision": "the class of the largest probability " + after, "calibration": text(calibrator), "calibrated": "false"}},
		"raw, never calibrated": {func(e *exporter) { e.Raw = true }, map[string]string{"decision": largest, "calibrated": ""}},
		"two classes":           {func(e *exporter) { e.Names.Classes = []string{"no", "yes"} }, map[string]string{"decision": "the second class where its probability is above the threshold, else the first", "thresholds": `[{"class":"yes","above":0.5}]`}},
		"folds":                 {func(e *exporter) { e.About.Folds = []int{1, 3} }, map[string]string{"folds": "[1,3]"}},
		"covariates":            {func(e *exporter) { e.Names.Covariates = []string{"age", "age known"} }, map[string]string{"covariates": text(covariates{"covariates", "float32", []any{"batch", 2}, []string{"age", "age known"}, covariatesMeaning})}},
		"members": {func(e *exporter) {
			e.members = append(e.members, &member{Member: Member{Run: "run-2", Calibrator: calibrator}})
			e.Blend = evaluate.Blend{By: "mean", Weights: []float64{0.25, 0.75}}
		}, map[string]string{"members": `["run-1","run-2"]`, "blend": `{"by":"mean","calibrations":[null,` + text(calibrator) + `],"weights":[0.25,0.75]}`}},
	} {
		e := saying("a", "b", "c")
		c.change(e)
		got := e.metadata("ONNX")
		for key, want := range c.want {
			if got[key] != want {
				t.Errorf("%s: %s is %q, want %q", name, key, got[key], want)
			}
		}
	}
}

// TestSetRule: prediction sets are described as they are made.
func TestSetRule(t *testing.T) {
	t.Parallel()
	e := saying("a", "b", "c")
	sets := &evaluate.Sets{Score: "1 - p"}
	sets.Method.One, _ = evaluate.ConformalMethods.Default("ordinal_aps")
	e.Sets = sets
	between, calibrated, own := "; and every class between two of the set", "; of the probabilities after calibration", "; of a target among its classes alone"
	want := map[string]bool{between: true}
	check := func(what string) {
		t.Helper()
		rule := e.metadata("ONNX")["prediction_set_rule"]
		if !strings.HasPrefix(rule, "every class whose score") {
			t.Errorf("%s: %q", what, rule)
		}
		for _, words := range []string{between, calibrated, own} {
			if strings.Contains(rule, words) != want[words] {
				t.Errorf("%s: %q: %q is there: %v, want %v", what, rule, words, !want[words], want[words])
			}
		}
	}
	check("ordinal")
	sets.Method.One, _ = evaluate.ConformalMethods.Default("aps")
	e.Raw, want = true, nil
	check("aps, raw without a calibration")
	e.Calibrator, want = &evaluate.FittedCalibrator{Scale: []float64{1}}, map[string]bool{calibrated: true}
	check("raw")
	e.Raw, want = false, nil
	check("calibrated")
	e.Names.Targets, e.Names.Among, want = []string{"t", "u"}, [][]int{{0, 1}, {0, 1, 2}}, map[string]bool{own: true}
	check("targets with classes of their own")
}

// TestShapesTold: what goes in and what comes out.
func TestShapesTold(t *testing.T) {
	t.Parallel()
	e := saying("a", "b", "c")
	for slices, want := range map[int]int{0: 0, 1: 0, 2: 2} {
		e.Layout.Slices = slices
		if got := e.describeInput(); got.Slices != want || !reflect.DeepEqual(got.Shape, []any{"batch", 3, 4, 5}) || got.Range != [2]int{0, 1} {
			t.Errorf("%d slices: %+v, want %d of 3×4×5 in [0, 1]", slices, got, want)
		}
	}
	shapes := func(probabilities, logits []any) {
		t.Helper()
		got := e.describeOutputs()
		if len(got) != 2 || got[0].Name != "probabilities" || got[1].Name != "logits" || !reflect.DeepEqual(got[0].Shape, probabilities) || !reflect.DeepEqual(got[1].Shape, logits) {
			t.Errorf("got %+v, want the shapes %v and %v", got, probabilities, logits)
		}
	}
	e.members[0].Task.Each = 2 // such as a net for grades
	shapes([]any{"batch", 3}, []any{"batch", 2})
	e.Names.Targets = []string{"t", "u"}
	shapes([]any{"batch", 2, 3}, []any{"batch", 2, 2})
	e.members = append(e.members, e.members[0])
	shapes([]any{"batch", 2, 3}, []any{"batch", 2, 3}) // of a blend they are logarithms of probabilities
}

// TestTolerance: a steep calibration multiplies what rounding does, and what is no number is as far
// as can be.
func TestTolerance(t *testing.T) {
	t.Parallel()
	e := saying("a", "b")
	steep := func(scale ...float64) *evaluate.FittedCalibrator { return &evaluate.FittedCalibrator{Scale: scale} }
	for _, c := range []struct {
		own, final *evaluate.FittedCalibrator
		raw        bool
		want       float64
	}{
		{nil, nil, false, 1e-4}, {steep(0.5), steep(0.2), false, 1e-4}, {nil, steep(2, -5), false, 5e-4}, {steep(3), nil, false, 3e-4}, {steep(3), steep(-2), false, 6e-4}, {steep(3), steep(2), true, 3e-4},
	} {
		e.members[0].Calibrator, e.Calibrator, e.Raw = c.own, c.final, c.raw
		if got := e.tolerance(); !(math.Abs(got-c.want) <= 1e-12) {
			t.Errorf("%v and %v, raw %v: %g, want %g", c.own, c.final, c.raw, got, c.want)
		}
	}
	for _, c := range []struct {
		got, want      []float64
		relative, away float64
	}{
		{[]float64{1, 2}, []float64{1, 2.5}, 0, 0.5}, {[]float64{0, 4}, []float64{0.25, 5}, 1, 0.25}, {[]float64{4}, []float64{5}, 1, 0.2}, {[]float64{4}, []float64{-5}, 1, 1.8},
		{[]float64{1}, []float64{1, 2}, 0, math.Inf(1)}, {[]float64{math.NaN(), 1}, []float64{1, 1}, 0, math.Inf(1)}, {nil, nil, 0, 0},
	} {
		if got := furthest(c.got, c.want, c.relative); got != c.away && !(math.Abs(got-c.away) <= 1e-12) {
			t.Errorf("%v beside %v, relative %g: %g, want %g", c.got, c.want, c.relative, got, c.away)
		}
	}
}
