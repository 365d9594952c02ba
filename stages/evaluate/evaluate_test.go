package evaluate

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
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
			CaseID: fmt.Sprintf("%05d", i), Group: fmt.Sprint(i / 6), Label: r.IntN(3), Probabilities: p, Split: stage.Validation,
			Tags: map[string]string{"condition": conditions[i%3], "level": []string{"l1_l2", "l2_l3"}[i%2]},
		}
	}
	return out
}

// value measures one part and gives one of its numbers.
func value(t *testing.T, m Metric, items []stage.Prediction, name string) float64 {
	t.Helper()
	for _, s := range result(t, m, Predictions{Classes: classes, Items: items}).Scalars {
		if s.Name == name {
			return s.Value
		}
	}
	t.Fatalf("%T gives no %s", m, name)
	return 0
}

// only is a Config of one metric with its defaults; loss comes by itself.
func only(name string) Config {
	return Config{Metrics: []registry.One[Metric]{{Name: name}}}
}

// everyMetric runs a test for each registered metric with its defaults.
func everyMetric(t *testing.T, test func(t *testing.T, name string, m Metric)) {
	for _, name := range Metrics.Names() {
		one, _ := Metrics.Default(name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, name, one.Part)
		})
	}
}

// sets are predictions that every metric must survive.
func sets() map[string]Predictions {
	alike := some(9)
	for i := range alike {
		alike[i].Label, alike[i].Probabilities = 0, []float64{1, 0, 0}
	}
	return map[string]Predictions{
		"many": {Classes: classes, Items: some(60)}, "one": {Classes: classes, Items: some(1)}, "one class": {Classes: classes, Items: alike},
	}
}

// TestEveryMetric is what all registered metrics must keep to: the numbers that
// are declared and no others, NaN only with a note, figures that can be drawn.
// inTheMiddle are numbers that are best there.
var inTheMiddle = []string{"observed_expected", "calibration_intercept", "calibration_slope"}

func TestEveryMetric(t *testing.T) {
	t.Parallel()
	everyMetric(t, func(t *testing.T, name string, m Metric) {
		if _, err := os.Stat(name + ".go"); err != nil {
			t.Errorf("the file is not named as the metric: %v", err)
		}
		for set, p := range sets() {
			r := result(t, m, p)
			if got, want := len(r.Scalars), len(m.Scalars()); got != want {
				t.Fatalf("%s: got %d numbers, %d are declared", set, got, want)
			}
			for i, s := range r.Scalars {
				checkScalar(t, s, m.Scalars()[i])
				if math.IsInf(s.Value, 0) || math.IsNaN(s.Value) && len(r.Notes) == 0 {
					t.Errorf("%s: %s = %v without a note", set, s.Name, s.Value)
				}
			}
			checkFigures(t, r)
		}
	})
}

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func checkScalar(t *testing.T, got, declared stage.Scalar) {
	t.Helper()
	got.Value = 0
	if got != declared {
		t.Errorf("got %+v, declared %+v", got, declared)
	}
	if !snakeCase.MatchString(got.Name) || got.Title == "" || got.Better == stage.NoDirection && !slices.Contains(inTheMiddle, got.Name) {
		t.Errorf("%+v lacks a name, a title or a direction", got)
	}
}

func checkFigures(t *testing.T, r Result) {
	t.Helper()
	for _, c := range r.Curves {
		for _, l := range c.Lines {
			bad := func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
			if len(l.X) != len(l.Y) || len(l.X) == 0 || slices.ContainsFunc(slices.Concat(l.X, l.Y), bad) {
				t.Errorf("curve %s, line %s cannot be drawn: %v, %v", c.Name, l.Label, l.X, l.Y)
			}
		}
	}
	for _, m := range r.Matrices {
		if len(m.Values) != len(m.Rows) || len(m.Values[0]) != len(m.Columns) {
			t.Errorf("matrix %s: %d × %d names, values %v", m.Name, len(m.Rows), len(m.Columns), m.Values)
		}
	}
	for _, table := range r.Tables {
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Errorf("table %s: %d columns, row %v", table.Name, len(table.Columns), row)
			}
		}
	}
}

// TestMetricsChangeNothing: the same again, and the predictions untouched.
func TestMetricsChangeNothing(t *testing.T) {
	t.Parallel()
	everyMetric(t, func(t *testing.T, _ string, m Metric) {
		p := Predictions{Classes: classes, Items: some(60)}
		first, second := result(t, m, p), result(t, m, p)
		if !reflect.DeepEqual(first, second) {
			t.Errorf("got %+v, then %+v", first, second)
		}
		if !reflect.DeepEqual(p, Predictions{Classes: classes, Items: some(60)}) {
			t.Error("the predictions are changed")
		}
	})
}

// TestOrderDoesNotMatter: not by one bit, and the caller's order stays.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	everyMetric(t, func(t *testing.T, name string, _ Metric) {
		measure := Measure(only(name), classes)
		first, err := measure(some(200))
		if err != nil {
			t.Fatal(err)
		}
		items := some(200)
		slices.Reverse(items)
		second, err := measure(items)
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("got %v, reversed %v (%v)", first, second, err)
		}
		if items[0].CaseID != "00199" {
			t.Error("the caller's predictions are sorted")
		}
	})
}

func TestNamesAreThoseMeasured(t *testing.T) {
	t.Parallel()
	everything := Config{}
	for _, name := range Metrics.Names() {
		everything.Metrics = append(everything.Metrics, registry.One[Metric]{Name: name})
	}
	for _, cfg := range []Config{{}, Default, everything} {
		got, err := Measure(cfg, classes)(some(30))
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			got[i].Value = 0
		}
		if want := Names(cfg); !reflect.DeepEqual(got, want) {
			t.Errorf("measured  %v\nannounced %v", got, want)
		}
	}
}

// TestNamesAreUnique: two metrics that give a number of one name would
// overwrite each other.
func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	of := map[string]string{}
	for _, name := range Metrics.Names() {
		one, _ := Metrics.Default(name)
		for _, s := range one.Part.Scalars() {
			if of[s.Name] != "" {
				t.Errorf("%s and %s both give %s", of[s.Name], name, s.Name)
			}
			of[s.Name] = name
		}
	}
}

func TestUnknownMetric(t *testing.T) {
	t.Parallel()
	_, err := Measure(only("gini"), classes)(some(3))
	if err == nil || !strings.Contains(err.Error(), `no metric "gini"`) {
		t.Errorf("got %v", err)
	}
}

// idle is a metric with nothing to do.
type idle struct{ Accuracy }

func (idle) Accept(Predictions) error { return stage.Skip{Reason: "no sides"} }

func TestSkippedMetric(t *testing.T) {
	t.Parallel()
	r, err := measure([]registry.One[Metric]{{Name: "idle", Part: idle{}}}, Predictions{Classes: classes, Items: some(3)})
	if want := []string{"idle is skipped: no sides"}; err != nil || !slices.Equal(r.Notes, want) {
		t.Errorf("got %v (%v), want %v", r.Notes, err, want)
	}
}

func BenchmarkMeasure(b *testing.B) {
	items := some(50_000)
	for _, name := range Metrics.Names() {
		b.Run(name, func(b *testing.B) {
			measure := Measure(only(name), classes)
			for b.Loop() {
				if _, err := measure(items); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
