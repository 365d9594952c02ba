package methods

import (
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// finished is a done run of an experiment file, with some of what a run stores.
func finished(t *testing.T, file string, sets ...string) *results.RunRecord {
	t.Helper()
	e, _, err := experiments.Load(file, sets)
	if err != nil {
		t.Fatal(err)
	}
	r := &results.RunRecord{Experiment: string(experiments.Resolved(e))}
	r.ID, r.Name, r.Purpose, r.Status = "2026-11-27-some", e.Name, "Is it  any\ngood?", results.Done
	r.Seed, r.Started = 42, time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	r.Facts = []stage.Fact{
		{Name: "cases", Value: "952"}, {Name: "images", Value: "349"}, {Name: "studies", Value: "39"}, {Name: evaluate.ClassesFact, Value: `["no","yes"]`},
		{Name: "parameters", Value: "11242819"}, {Name: "preprocessed images", Value: "952 of 1×48×48, 2 bytes a pixel"}, {Name: "leak check", Value: "no study is in two splits"},
	}
	r.Figures = []stage.Record{
		stage.Table{Name: "audit", Columns: []string{"finding", "count", "of", "cases", "done", "why"}, Rows: [][]any{
			{"empty label", 6., "rows", 6., "dropped", "of patient Ada"}, {"blank image", 1., "images", 2., "kept", "of patient Ada"}}},
		stage.Table{Name: "splits", Columns: []string{"split", "cases"}, Rows: [][]any{{"train", 666.}, {"test", 97.}}},
		stage.Table{Name: "balance", Columns: []string{"class", "class weight"}, Rows: [][]any{{"no", 0.62011}, {"yes", 2.}}},
		stage.Table{Name: "per_class", Title: "Each class, test", Columns: []string{"class", "f1"}, Rows: [][]any{{"a|b", math.NaN()}}},
		stage.Table{Name: evaluate.GapsTable, Title: "Subgroups", Columns: []string{"value", "verdict"}, Rows: [][]any{{"l1", "indistinguishable"}, {"l2", "better before correction"}}},
	}
	r.Phases = []stage.PhaseRecord{{Name: "all", Trainable: 7, FirstEpoch: 3, LastEpoch: 14, BestEpoch: 9, Ended: "all epochs done"}, {Name: "unborn", FirstEpoch: 15}}
	r.Finals = []stage.Scalar{
		{Title: "Macro F1", Series: "test", Value: 0.92906, Interval: &stage.Interval{Low: 0.8, High: 1, Level: 0.95, Method: "bca, 39 groups drawn 2000 times"}},
		{Title: "Loss", Series: "test", Value: math.NaN(), Interval: &stage.Interval{Low: math.NaN(), High: math.NaN()}}, {Title: "Loss", Series: "test fold 1", Value: 17.25},
	}
	return r
}

func written(t *testing.T, run *results.RunRecord, external ...*results.RunRecord) string {
	t.Helper()
	text, err := About{Run: run, External: external}.Write()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEveryExperiment: of each file that is shipped, the text names all parts, and nothing of this machine.
func TestEveryExperiment(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../experiments/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	here, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		run := finished(t, file)
		text := written(t, run)
		e, err := experiments.Stored(run.Experiment)
		if err != nil {
			t.Fatal(err)
		}
		parts := []string{e.Data.Source.Name, e.Model.Backbone.Name, e.Train.Loss.Name, e.Train.Optimizer.Name}
		for _, step := range e.Preprocess {
			parts = append(parts, step.Name)
		}
		for _, change := range e.Augment {
			parts = append(parts, change.Name)
		}
		for _, phase := range e.Train.Phases {
			parts = append(parts, "*"+phase.Name+"*", phase.Schedule.Name)
		}
		for _, metric := range e.Evaluate.Metrics {
			parts = append(parts, metric.Name)
		}
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("%s: the text does not name %s", file, part)
			}
		}
		for _, wrong := range []string{here, "%!", "()", "  ", " .", ". .", "..", "Ada", "<nil>"} {
			if at := strings.Index(text, wrong); at >= 0 {
				t.Errorf("%s: the text has %q: …%s…", file, wrong, text[max(0, at-80):min(len(text), at+40)])
			}
		}
	}
}

// TestText: what the run stored stands where a paper has it.
func TestText(t *testing.T) {
	t.Parallel()
	demo := finished(t, "../../experiments/demo.yaml", "train.balance.class_weights=balanced", "data.split.folds=5")
	other := finished(t, "../../experiments/demo.yaml")
	other.Name = "hospital-b"
	other.Finals[0].Value = 0.5
	text := written(t, demo, other)
	for _, want := range []string{
		"# Methods and results: demo\n", "> Is it any good?\n", "952 cases of 349 images and 39 studies took part.", "2 classes: no and yes.",
		"Left out before the split:\n\n| finding | count | of | cases concerned |\n| --- | --- | --- | --- |\n| empty label | 6 | rows | 6 |\n\nNoticed, and kept:",
		"| train | 666 |\n", "crop (around point, millimetres 44, outside edge): cuts", "images of 1×48×48 (channels", "into 5 folds, of which each validated", "11,242,819 parameters",
		"(balanced): no 0.6201, yes 2.", "It ends when validation.rsna_log_loss is no better for 5 epochs.", "| all | 7 | 12 | 9 | all epochs done |\n\n##",
		"95 % intervals are bootstrap intervals (bca, 39 groups drawn 2000 times).", "| number | test |\n| --- | --- |\n| Macro F1 | 0.9291 (0.8 to 1) |\n| Loss | – |\n\n", `| a\|b | – |`,
		"Subgroups: corrected for the number of comparisons, none was told apart.", "the data of *hospital-b*", "| Macro F1 | 0.5 (0.8 to 1) |", "on 27 November 2026",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	for _, not := range []string{"17.25", "unborn", "no test split", "how good it is elsewhere"} {
		if strings.Contains(text, not) {
			t.Errorf("the text has %q", not)
		}
	}
	demo.Figures = append([]stage.Record{stage.Table{Name: "balance", Columns: []string{"target", "class", "class weight"}, Rows: [][]any{{"left", "no", 0.5}, {"left", "yes", 2.}, {"right", "no", 1.5}}}}, demo.Figures...)
	if text := written(t, demo); !strings.Contains(text, "(balanced): left: no 0.5, yes 2; right: no 1.5.") {
		t.Errorf("the text does not tell weights of targets:\n%s", text)
	}
	demo.Finals = nil
	if text := written(t, demo); !strings.Contains(text, "no test split") || !strings.Contains(text, "how good it is elsewhere") {
		t.Errorf("the text does not ask for other data:\n%s", text)
	}
}

// TestEnsembles: whose answers are blended and how, the data once, and each member's training.
func TestEnsembles(t *testing.T) {
	t.Parallel()
	one, two := finished(t, "../../experiments/demo.yaml"), finished(t, "../../experiments/focal-loss.yaml")
	one.Name, two.Name = "one", "two"
	both := finished(t, "../../experiments/demo.yaml")
	e := experiments.Ensemble{Name: "both", Evaluate: evaluate.Default, Ensemble: experiments.Blending{Runs: []string{"1", "2"}, By: "geometric", Weights: []float64{0.25, 0.75}, WeightsBy: "greedy", Monitor: "validation.loss"}}
	both.Experiment = string(e.Resolved())
	both.Facts = append(both.Facts, stage.Fact{Name: results.EnsembleFact, Value: "[]"})
	write := func(members ...*results.RunRecord) string {
		text, err := About{Run: both, Members: members}.Write()
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	text := write(one, two)
	for want, times := range map[string]int{
		"those of 2 trained runs, blended. Blended are logarithms": 1, "makes validation.loss of the blend best": 1, "| one | 2026-11-27-some | 0.25 |": 1, "| two | 2026-11-27-some | 0.75 |": 1,
		"## Data\n": 1, "# Nets of run one\n": 1, "# Nets of run two\n": 1, "## Training\n": 2, "focal (": 1, "## Results\n": 1, "- macro": 0, "other data than those of the training": 0,
	} {
		if got := strings.Count(text, want); got != times {
			t.Errorf("%q stands %d times, want %d:\n%s", want, got, times, text)
		}
	}
	both.Facts = append(both.Facts, stage.Fact{Name: audit.FingerprintFact, Value: "elsewhere"})
	if text := write(one); !strings.Contains(text, "those of one trained run.") || !strings.Contains(text, "other data than those of the training") {
		t.Errorf("a recalibrated run is said to be:\n%s", text)
	}
}

// TestNothingToTell: what trained nothing, or is not done, is refused with what to name instead.
func TestNothingToTell(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*results.RunRecord){
		"is a validation": func(r *results.RunRecord) {
			r.Facts = append(r.Facts, stage.Fact{Name: results.ValidationFact, Value: "x"})
		},
		"are not there": func(r *results.RunRecord) {
			r.Facts = append(r.Facts, stage.Fact{Name: results.EnsembleFact, Value: "[]"})
		},
		"it is failed": func(r *results.RunRecord) { r.Status = results.Failed },
	} {
		run := finished(t, "../../experiments/demo.yaml")
		change(run)
		if _, err := (About{Run: run}).Write(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
