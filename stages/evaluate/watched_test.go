package evaluate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestWatchedNumberIsThatOfTheTargetAlone in training, in the end, for other targets absent, and
// where it is drawn again; the mean over targets stays what it was.
func TestWatchedNumberIsThatOfTheTargetAlone(t *testing.T) {
	t.Parallel()
	items := biased(120)
	f1 := registry.One[Metric]{Name: "f1", Part: F1{macro}}
	plain := Config{AverageOver: stage.TargetTag, Metrics: []registry.One[Metric]{f1}}
	cfg := plain.Watching("validation.macro_f1/rare", "train.loss", "macro_f1/rare", "validation.loss/frequent", "validation.recall/rare")
	alone := averaged(t, answers, items).by(stage.TargetTag)
	want, loss := value(t, f1.Part, alone["rare"], "macro_f1"), value(t, LogLoss{}, alone["frequent"], "loss")
	got := map[string]float64{}
	scalars, err := Measure(cfg, answers)(items)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scalars {
		got[s.Name] = s.Value
	}
	before, err := Measure(plain, answers)(items)
	if err != nil {
		t.Fatal(err)
	}
	if len(scalars) != len(before)+2 || !near(got["macro_f1/rare"], want) || !near(got["loss/frequent"], loss) || !near(got["macro_f1"], before[1].Value) {
		t.Errorf("got %v, want %v and %v; without watching %v", got, want, loss, before)
	}
	cfg.Intervals = Intervals{Resamples: 300, Level: 0.9, Method: "bca", Draw: "groups"}
	r := tellAll(t, cfg, answers, items)
	final := r.values["validation macro_f1/rare"]
	own, err := plain.prepare(answers, alone["rare"])
	if err != nil {
		t.Fatal(err)
	}
	same, err := cfg.Intervals.intervals(t.Context(), stage.Env{Seed: 5}, "bootstrap validation", sheet{own, []registry.One[Metric]{f1}})
	if err != nil || !near(final.Value, want) || final.Interval == nil || !near(final.Interval.Low, same["macro_f1"].Low) || final.Title != "Macro F1, rare" {
		t.Errorf("got %+v, want %v and %+v", final, want, same["macro_f1"])
	}
	by := r.tables["By target, validation"]
	if strings.Contains(by.Note, "rare") || by.Rows[0][5] != "" || !near(by.Rows[1][5].(stage.Estimate).Value, want) {
		t.Errorf("got %+v", by)
	}
	if one, err := plain.Number(t.Context(), stage.Env{}, answers, items, "macro_f1/rare"); err != nil || !near(one.Value, want) {
		t.Errorf("got %+v, %v", one, err)
	}
	only := tellAll(t, cfg, answers, alone["frequent"])
	if _, there := only.values["validation macro_f1/rare"]; there || !strings.Contains(only.events, "macro_f1/rare is skipped: there is no case of rare") {
		t.Errorf("got %v, %s", only.values, only.events)
	}
}

// TestWatchedOfOneTarget: a run of one target has no others to average over.
func TestWatchedOfOneTarget(t *testing.T) {
	t.Parallel()
	rare := averaged(t, answers, biased(40)).by(stage.TargetTag)["rare"]
	scalars, err := Measure(Config{AverageOver: stage.TargetTag}.Watching("loss/rare"), answers)(rare)
	if err != nil || len(scalars) != 2 || scalars[1].Name != "loss/rare" || scalars[1].Value != scalars[0].Value {
		t.Errorf("got %+v, %v", scalars, err)
	}
	m := ofTarget(LogLoss{}, 0, "other")
	if v := m.Values(averaged(t, answers, rare))[0]; !math.IsNaN(v) {
		t.Errorf("got %v of a target that is not there", v)
	}
}

// TestWatchedWeighsAsItsMetric: the guess without images is the best one for it.
func TestWatchedWeighsAsItsMetric(t *testing.T) {
	t.Parallel()
	rsna, _ := Metrics.Default("rsna_log_loss")
	if w, is := ofTarget(rsna.Part, 0, "x").(Weighted); !is || len(w.ClassWeights()) != 3 {
		t.Error("it weighs no classes")
	}
	if _, is := ofTarget(F1{macro}, 0, "x").(Weighted); is {
		t.Error("it weighs classes")
	}
}

func TestWatchedFits(t *testing.T) {
	t.Parallel()
	cfg := Config{AverageOver: stage.TargetTag}
	cases := []stage.Case{
		{Split: stage.Validation, Tags: map[string]string{stage.TargetTag: "edema"}}, {Split: stage.Train, Tags: map[string]string{stage.TargetTag: "mass"}},
		{Split: stage.Train, Fold: 2, Tags: map[string]string{stage.TargetTag: "nodule"}},
	}
	for monitor, want := range map[string]string{
		"validation.loss": "", "validation.loss/edema": "", "train.loss": "", "validation.loss/nodule": "",
		"validation.loss/edma": `there is no target "edma"; did you mean edema? (known: edema, mass, nodule)`,
		"validation.loss/mass": "there is no validation case of mass; give validation more, or monitor a number of another target",
	} {
		text, hint := cfg.WatchedFits(monitor, stage.Questions{}, cases)
		if got := strings.TrimSuffix(text+"; "+hint, "; "); got != want {
			t.Errorf("%s: got %q", monitor, got)
		}
	}
	cfg.AverageOver = "finding"
	if text, _ := cfg.WatchedFits("validation.loss/edema", stage.Questions{}, cases); !strings.Contains(text, "no case has the tag finding") {
		t.Errorf("got %q", text)
	}
}

// TestWatchedAreNoMetrics: a section that is stored names metrics of files alone; numbers of single
// targets are measured beside them all the same.
func TestWatchedAreNoMetrics(t *testing.T) {
	t.Parallel()
	cfg := Config{AverageOver: stage.TargetTag}.Watching("loss/rare").WithRecalibration()
	var names []string
	for _, m := range cfg.Metrics {
		names = append(names, m.Name)
	}
	if want := []string{"loss", "recalibration"}; !slices.Equal(names, want) {
		t.Errorf("got the metrics %q, want %q", names, want)
	}
	if !slices.ContainsFunc(parts(cfg), func(m registry.One[Metric]) bool { return m.Name == "loss/rare" }) {
		t.Error("loss/rare is no longer measured")
	}
}
