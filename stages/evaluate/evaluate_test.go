package evaluate

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

var classes = []string{"normal_mild", "moderate", "severe"}

// some makes predictions that depend on i alone; conditions and levels as in RSNA.
func some(n int) []stage.Prediction {
	out := make([]stage.Prediction, n)
	conditions := []string{"spinal_canal_stenosis", "left_neural_foraminal_narrowing", "right_subarticular_stenosis"}
	for i := range out {
		r := stage.Rand(1, "prediction", i)
		p := normalised([]float64{r.Float64(), r.Float64(), r.Float64()})
		out[i] = stage.Prediction{
			CaseID: fmt.Sprint(i), Group: fmt.Sprint(i / 6), Label: r.IntN(3), Probabilities: p, Split: stage.Validation,
			Tags: map[string]string{"condition": conditions[i%3], "level": []string{"l1_l2", "l2_l3"}[i%2]},
		}
	}
	return out
}

// value measures one part and gives one of its numbers.
func value(t *testing.T, m Metric, items []stage.Prediction, name string) float64 {
	t.Helper()
	r, err := m.Measure(Predictions{Classes: classes, Items: items})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Scalars {
		if s.Name == name {
			return s.Value
		}
	}
	t.Fatalf("%T gives no %s", m, name)
	return 0
}

// TestEveryMetric is what all registered metrics must keep to.
func TestEveryMetric(t *testing.T) {
	for _, name := range Metrics.Names() {
		one, _ := Metrics.Default(name)
		items := some(60)
		first, err := one.Part.Measure(Predictions{Classes: classes, Items: items})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := one.Part.Scalars()
		for i, s := range first.Scalars {
			if s.Name != want[i].Name || s.Title == "" || s.Better == stage.NoDirection {
				t.Errorf("%s: scalar %+v is not declared so: %+v", name, s, want[i])
			}
		}
		if len(first.Scalars) != len(want) {
			t.Errorf("%s gives %d scalars, declares %d", name, len(first.Scalars), len(want))
		}
		for i, j := 0, len(items)-1; i < j; i, j = i+1, j-1 {
			items[i], items[j] = items[j], items[i]
		}
		second, _ := one.Part.Measure(Predictions{Classes: classes, Items: items})
		for i := range first.Scalars {
			if math.Abs(first.Scalars[i].Value-second.Scalars[i].Value) > 1e-12 {
				t.Errorf("%s depends on the order of predictions: %v, %v", name, first.Scalars[i].Value, second.Scalars[i].Value)
			}
		}
	}
}

func TestScikitLearnAgrees(t *testing.T) {
	for _, c := range scikitCases {
		items := make([]stage.Prediction, len(c.labels))
		for i, label := range c.labels {
			items[i] = stage.Prediction{CaseID: fmt.Sprint(i), Label: label, Probabilities: c.probabilities[i]}
		}
		for name, want := range c.want {
			part, scalar, _ := strings.Cut(name, "/")
			one, ok := Metrics.Default(part)
			if !ok {
				t.Fatalf("no metric %s", part)
			}
			if got := value(t, one.Part, items, scalar); math.Abs(got-want) > 1e-9 {
				t.Errorf("%s: %s = %.12f, scikit-learn has %.12f", c.name, scalar, got, want)
			}
		}
	}
}

// TestThirdsCostLn3 is the golden figure of the official metric: equal
// probabilities cost ln 3 for each condition, whatever the labels.
func TestThirdsCostLn3(t *testing.T) {
	items := some(60)
	for i := range items {
		items[i].Probabilities = []float64{1.0 / 3, 1.0 / 3, 1.0 / 3}
	}
	for _, name := range []string{"rsna_spinal", "rsna_foraminal", "rsna_subarticular"} {
		if got := value(t, RSNALogLoss{AnySevereWeight: 1, Renormalise: true}, items, name); math.Abs(got-math.Log(3)) > 1e-12 {
			t.Errorf("%s = %v, want ln 3", name, got)
		}
	}
}

// TestAnySevereByHand: study A has a moderate and a severe canal, the highest
// probability of severe is 0.6: y = 1, w = 4, cost 4·(−ln 0.6). Study B is
// moderate at worst, the highest is 0.2: y = 0, w = 2, cost 2·(−ln 0.8). Study C
// is normal, 0.1: y = 0, w = 1, cost −ln 0.9. The weights add up to 7.
func TestAnySevereByHand(t *testing.T) {
	canal := func(study string, label int, p ...float64) stage.Prediction {
		return stage.Prediction{Group: study, Label: label, Probabilities: p, Tags: map[string]string{"condition": "spinal_canal_stenosis"}}
	}
	items := []stage.Prediction{
		canal("A", 1, 0.3, 0.5, 0.2), canal("A", 2, 0.2, 0.2, 0.6),
		canal("B", 1, 0.2, 0.7, 0.1), canal("B", 0, 0.7, 0.1, 0.2),
		canal("C", 0, 0.8, 0.1, 0.1),
	}
	m := RSNALogLoss{AnySevereWeight: 1, Renormalise: true}
	any := (4*-math.Log(0.6) + 2*-math.Log(0.8) - math.Log(0.9)) / 7
	if got := value(t, m, items, "rsna_any_severe"); math.Abs(got-any) > 1e-12 {
		t.Errorf("any severe = %v, want %v", got, any)
	}
	// rows: weights 2, 4, 2, 1, 1 and the true class's probability
	spinal := (2*-math.Log(0.5) + 4*-math.Log(0.6) + 2*-math.Log(0.7) - math.Log(0.7) - math.Log(0.8)) / 10
	if got := value(t, m, items, "rsna_spinal"); math.Abs(got-spinal) > 1e-12 {
		t.Errorf("spinal = %v, want %v", got, spinal)
	}
	// the other two conditions have no rows: the mean is over two terms
	if got := value(t, m, items, "rsna_log_loss"); math.Abs(got-(any+spinal)/2) > 1e-12 {
		t.Errorf("score = %v, want %v", got, (any+spinal)/2)
	}
	if got := value(t, m, items, "rsna_foraminal"); !math.IsNaN(got) {
		t.Errorf("foraminal = %v without rows, want NaN", got)
	}
}

func TestBadPredictionsAreRefusedByName(t *testing.T) {
	for what, p := range map[string]stage.Prediction{
		"3 classes":   {CaseID: "x", Probabilities: []float64{0.5, 0.5}},
		"label 3":     {CaseID: "x", Label: 3, Probabilities: []float64{1, 0, 0}},
		"probability": {CaseID: "x", Probabilities: []float64{math.NaN(), 1, 0}},
		"add up":      {CaseID: "x", Probabilities: []float64{0.5, 0.4, 0}},
	} {
		_, err := Measure(Config{}, classes)([]stage.Prediction{p})
		if err == nil || !strings.Contains(err.Error(), "case x") || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want case x and %q", err, what)
		}
	}
}

// TestBaselineKnowsTrainingLabelsOnly: 2 normal and 1 severe case of a level
// weigh 2·1 and 1·4, so severe gets 4/6.
func TestBaselineKnowsTrainingLabelsOnly(t *testing.T) {
	tags := map[string]string{"condition": "spinal_canal_stenosis", "level": "l4_l5"}
	cases := []stage.Case{
		{Label: 0, Split: stage.Train, Tags: tags}, {Label: 0, Split: stage.Train, Tags: tags},
		{Label: 2, Split: stage.Train, Tags: tags}, {Label: 1, Split: stage.Validation, Tags: tags},
	}
	p := baseline(classes, cases, Predictions{Classes: classes, Items: []stage.Prediction{{Tags: tags}}})
	want := []float64{2.0 / 6, 0, 4.0 / 6}
	if got := p.Items[0].Probabilities; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNamesAreThoseMeasured(t *testing.T) {
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "f1", Part: F1{}}}}
	got, err := Measure(cfg, classes)(some(30))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range Names(cfg) {
		if got[i].Name != s.Name {
			t.Errorf("measured %s, announced %s", got[i].Name, s.Name)
		}
	}
}

func BenchmarkDefaultMetrics(b *testing.B) {
	items := some(50000)
	measure := Measure(Config{Metrics: []registry.One[Metric]{{Name: "f1", Part: F1{}}, {Name: "auroc", Part: AUROC{}}, {Name: "rsna_log_loss", Part: RSNALogLoss{AnySevereWeight: 1}}}}, classes)
	for b.Loop() {
		if _, err := measure(items); err != nil {
			b.Fatal(err)
		}
	}
}
