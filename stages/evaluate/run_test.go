package evaluate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// notebook is a Recorder that keeps what it is told as lines.
type notebook struct{ lines []string }

func (n *notebook) Progress(stage.Progress) {}

func (n *notebook) Record(_ context.Context, records ...stage.Record) error {
	for _, r := range records {
		switch v := r.(type) {
		case stage.Scalar:
			n.lines = append(n.lines, fmt.Sprintf("scalar %s %s %d", v.Series, v.Name, v.Epoch))
		case stage.Matrix:
			n.lines = append(n.lines, fmt.Sprintf("matrix %s: %s", v.Section, v.Title))
		case stage.Table:
			n.lines = append(n.lines, fmt.Sprintf("table %s: %s", v.Section, v.Title))
		case stage.Curve:
			n.lines = append(n.lines, fmt.Sprintf("curve %s: %s", v.Section, v.Title))
		case stage.Event:
			n.lines = append(n.lines, fmt.Sprintf("%s %s: %s", v.Level, v.Stage, v.Text))
		}
	}
	return nil
}

// split puts predictions into a split and makes their cases.
func split(items []stage.Prediction, s stage.Split) (cases []stage.Case) {
	for i := range items {
		items[i].Split = s
		cases = append(cases, stage.Case{ID: items[i].CaseID, Label: items[i].Label, Split: s, Tags: items[i].Tags})
	}
	return cases
}

func TestRun(t *testing.T) {
	t.Parallel()
	items := some(40)
	cases := slices.Concat(split(items[:20], stage.Train), split(items[20:30], stage.Test), split(items[30:], stage.Validation))
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}, {Name: "confusion"}, {Name: "calibration"}, {Name: "per_class"}}, Subgroups: []string{"scanner"}}
	var n notebook
	if err := Run(t.Context(), stage.Env{Recorder: &n}, cfg, classes, cases, items[20:39]); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, s := range []string{"validation", "test"} {
		want = append(want, "scalar "+s+" loss -1", "scalar "+s+" calibration_error -1", "curve results: Reliability, "+s,
			"matrix results: Confusion matrix, "+s, "matrix results: Confusion matrix, shares of each true class, "+s,
			"table results: Each class, "+s, "warning evaluate: "+s+": subgroups: no case has the tag scanner")
		if s == "validation" {
			want = append(want, "warning evaluate: validation: 1 of 10 cases have no prediction, such as 00039")
		}
		want = append(want, "scalar "+s+" baseline loss -1", "scalar "+s+" baseline calibration_error -1")
	}
	if !slices.Equal(n.lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(n.lines, "\n"), strings.Join(want, "\n"))
	}
}

func TestRunWithoutTraining(t *testing.T) {
	t.Parallel()
	items := some(5)
	var n notebook
	err := Run(t.Context(), stage.Env{Recorder: &n}, Config{Subgroups: []string{"side"}}, classes, split(items, stage.Test), items)
	want := []string{"scalar test loss -1", "warning evaluate: test: subgroups: no case has the tag side",
		"warning evaluate: test: there is no baseline, since there are no training cases"}
	if err != nil || !slices.Equal(n.lines, want) {
		t.Errorf("got %q (%v), want %q", n.lines, err, want)
	}
}

func TestRunNamesTheSplit(t *testing.T) {
	t.Parallel()
	items := some(5)
	items[3].Label = 7
	err := Run(t.Context(), stage.Env{Recorder: stage.Discard}, Default, classes, split(items, stage.Test), items)
	if err == nil || !strings.Contains(err.Error(), "test split: case 00003: label 7") {
		t.Errorf("got %v", err)
	}
}

func TestRunStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Run(ctx, stage.Env{Recorder: stage.Discard}, Default, classes, nil, some(5)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	items := some(20)
	cases := split(items, stage.Validation)
	rsna, _ := Metrics.Default("rsna_log_loss")
	cfg := Config{AverageOver: stage.TargetTag, Metrics: []registry.One[Metric]{{Name: "f1", Part: F1{macro}}, rsna}}
	if got := cfg.Fits(stage.Questions{Classes: classes}, cases); got != nil {
		t.Error(got)
	}
	cfg.AverageOver = "levle"
	if got := cfg.Fits(stage.Questions{Classes: classes}, cases).Error(); got != `average_over: no case has the tag "levle"; did you mean level? (known: condition, level)` {
		t.Errorf("got %s", got)
	}
	cfg.AverageOver = ""
	cases[4].Tags = nil
	if got := cfg.Fits(stage.Questions{Classes: classes}, cases).Error(); !strings.HasPrefix(got, `metrics.1: validation split: case 00004: the condition is "", want one with spinal`) {
		t.Errorf("got %s", got)
	}
	cfg.Metrics = append(cfg.Metrics, registry.One[Metric]{Name: "positive_class", Part: PositiveClass{"sever"}})
	if got := cfg.Fits(stage.Questions{Classes: classes}, cases); len(got) != 2 || got[1].Path != "metrics.2" || !strings.Contains(got[1].Hint, "severe") {
		t.Errorf("got %v", got)
	}
	for i := range cases {
		cases[i].Split = stage.Train // of which there are no predictions
	}
	if got := cfg.Fits(stage.Questions{Classes: classes}, cases); got != nil {
		t.Error(got)
	}
	for i := range cases {
		cases[i].Split = stage.Test // and none of validation
	}
	if got := cfg.Fits(stage.Questions{Classes: classes}, cases); len(got) != 2 || !strings.HasPrefix(got[0].Text, "test split: case 00004") {
		t.Errorf("got %v", got)
	}
	cfg.Metrics = nil
	cfg.Calibrate = &registry.One[Calibrator]{Name: "threshold", Part: Threshold{Best: "f1"}}
	if got := cfg.Fits(stage.Questions{Classes: classes}, cases); len(got) != 1 || got[0].Path != "calibrate.threshold" || got[0].Hint == "" {
		t.Errorf("got %v", got)
	}
}
