package evaluate

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestWeightsAreRepetitions: a case of weight 2 counts as two, one of weight 0
// is none; for every metric.
func TestWeightsAreRepetitions(t *testing.T) {
	t.Parallel()
	everyMetric(t, func(t *testing.T, _ string, m Metric) {
		weighted, repeated := Predictions{Classes: classes}, Predictions{Classes: classes}
		for i, item := range some(120) {
			times := (i / 6) % 3 // all of a group alike, as a bootstrap draws
			weighted.Items = append(weighted.Items, item)
			weighted.Weights = append(weighted.Weights, float64(times))
			for copy := range times {
				twin := item
				twin.Group += string(rune('a' + copy))
				repeated.Items = append(repeated.Items, twin)
			}
		}
		if got, want := m.Values(weighted), m.Values(repeated); !slices.EqualFunc(got, want, near) {
			t.Errorf("weighted %v, repeated %v", got, want)
		}
	})
}

// TestMemoChangesNothing: shared work gives the same numbers under other weights.
func TestMemoChangesNothing(t *testing.T) {
	t.Parallel()
	everyMetric(t, func(t *testing.T, _ string, m Metric) {
		shared, err := prepare(classes, some(90))
		if err != nil {
			t.Fatal(err)
		}
		for draw := range 4 {
			weights := make([]float64, 90)
			for i := range weights {
				weights[i] = float64(stage.Rand(2, "w", draw, i).IntN(3))
			}
			fresh := Predictions{Classes: classes, Items: some(90), Weights: weights}
			if got, want := m.Values(shared.weighted(weights)), m.Values(fresh); !slices.EqualFunc(got, want, near) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	})
}

// TestIntervalOfAccuracy is near the one of the normal approximation where every
// case is a group, and wider where cases of a group are all right or all wrong.
func TestIntervalOfAccuracy(t *testing.T) {
	t.Parallel()
	items := some(600)
	for i := range items {
		items[i].Label, items[i].Probabilities = 0, []float64{1, 0, 0}
		if i/6%4 == 0 { // a quarter of the groups is wrong as a whole
			items[i].Probabilities = []float64{0, 1, 0}
		}
	}
	p, err := prepare(classes, items)
	if err != nil {
		t.Fatal(err)
	}
	width := func(draw string) float64 {
		i := Intervals{Resamples: 1000, Level: 0.95, Method: "bca", Draw: draw}
		found, err := i.intervals(t.Context(), stage.Env{Workers: 2}, "x", newSheet([]registry.One[Metric]{{Name: "accuracy", Part: Accuracy{}}}, p))
		if err != nil {
			t.Fatal(err)
		}
		return found["accuracy"].High - found["accuracy"].Low
	}
	for draw, n := range map[string]float64{"cases": 600, "groups": 100} {
		want := 2 * 1.96 * math.Sqrt(0.75*0.25/n)
		if got := width(draw); !(math.Abs(got-want) <= 0.1*want) {
			t.Errorf("%s: the interval is %v wide, want about %v", draw, got, want)
		}
	}
}

// TestJackknifeOfMethods: BCa is given the numbers without each group in turn, percentiles are not,
// and the intervals of a run are those of its method.
func TestJackknifeOfMethods(t *testing.T) {
	t.Parallel()
	p, err := prepare(classes, some(120)) // 20 groups
	if err != nil {
		t.Fatal(err)
	}
	s := newSheet([]registry.One[Metric]{{Name: "loss", Part: LogLoss{}}}, p)
	for method, n := range map[string]int{"bca": 20, "percentile": 0} {
		i := Intervals{Resamples: 200, Level: 0.95, Method: method, Draw: "groups"}
		plan := i.plan(stage.Env{}, "x", p)
		samples, err := i.draws(t.Context(), plan, s.clustered(plan.Clusters))
		if err != nil || len(samples) != 1 || len(samples[0].Jackknife) != n {
			t.Fatalf("%s: %d left out, %v; want %d", method, len(samples[0].Jackknife), err, n)
		}
		if n > 0 { // the last group is that of the last six cases
			if want := p.of(p.Items[:114]).values(LogLoss{})[0]; !near(samples[0].Jackknife[19], want) {
				t.Errorf("without the last group %v, want %v", samples[0].Jackknife[19], want)
			}
		}
		found, err := i.intervals(t.Context(), stage.Env{}, "x", s)
		low, high := samples[0].Interval(0.95)
		if got := found["loss"]; err != nil || got.Low != low || got.High != high {
			t.Errorf("%s: got %+v, %v; want %v to %v", method, got, err, low, high)
		}
	}
}

// TestTooFewGroups gives no interval, and says why.
func TestTooFewGroups(t *testing.T) {
	t.Parallel()
	items := some(42) // 7 groups
	cfg := Config{Intervals: Default.Intervals}
	p, err := prepare(classes, items)
	if err != nil {
		t.Fatal(err)
	}
	r, err := evaluation{cfg: cfg}.measure(t.Context(), p)
	if err != nil || r.Scalars[0].Interval != nil || !slices.Contains(r.Notes, "there are too few groups (7) to say how sure the numbers are") {
		t.Errorf("got %v, %q, %v", r.Scalars[0].Interval, r.Notes, err)
	}
}

// TestPerfectNumbers: an accuracy of 1 has no interval, and what is left open is said; the loss
// has one.
func TestPerfectNumbers(t *testing.T) {
	t.Parallel()
	items := some(60) // 10 groups
	for i := range items {
		p := items[i].Probabilities
		best := slices.Index(p, slices.Max(p))
		p[best], p[items[i].Label] = p[items[i].Label], p[best]
	}
	cfg := Config{Metrics: Default.Metrics, Intervals: Default.Intervals}
	p, err := prepare(classes, items)
	if err != nil {
		t.Fatal(err)
	}
	r, err := evaluation{cfg: cfg}.measure(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Scalars {
		if (s.Interval == nil) != (s.Name != "loss") || s.Name != "loss" && s.Value != 1 {
			t.Errorf("%s: %v, %+v", s.Name, s.Value, s.Interval)
		}
	}
	// SciPy: stats.binomtest(0, 10).proportion_ci(0.95, "exact").high = 0.30850
	want := "no interval for accuracy, balanced_accuracy, macro_precision, macro_recall, macro_f1: the same in all resamples of 10 groups, " +
		"which does not make it sure: what none of 10 shows, such as a mistake, up to 31 % of others may show"
	if !slices.Contains(r.Notes, want) {
		t.Errorf("got %q", r.Notes)
	}
}

// TestAgainstTheGuess: predictions that know the label are better than the
// shares of the classes; the shares themselves are indistinguishable from them.
func TestAgainstTheGuess(t *testing.T) {
	t.Parallel()
	verdict := func(right bool) any {
		items, cases := some(300), []stage.Case{}
		for i := range items {
			cases = append(cases, stage.Case{Label: items[i].Label, Split: stage.Train, Tags: items[i].Tags})
			if right {
				items[i].Probabilities = []float64{0.1, 0.1, 0.1}
				items[i].Probabilities[items[i].Label] = 0.8
			}
		}
		p, err := prepare(classes, items)
		if err != nil {
			t.Fatal(err)
		}
		if !right {
			p, _ = guess(p, cases, nil)
		}
		cfg, r := Config{Intervals: Default.Intervals}, Result{}
		cfg.Intervals.Resamples = 200
		if _, err := (evaluation{cfg: cfg, split: stage.Test, cases: cases}).againstBaseline(t.Context(), p, &r); err != nil {
			t.Fatal(err)
		}
		return r.Tables[0].Rows[0][6]
	}
	if got := verdict(true); got != "better" {
		t.Errorf("got %v, want better", got)
	}
	if got := verdict(false); got != "indistinguishable" {
		t.Errorf("got %v, want indistinguishable", got)
	}
}

// BenchmarkIntervals resamples 50,000 predictions of 2,000 studies 2,000 times
// for every metric with numbers.
func BenchmarkIntervals(b *testing.B) {
	items := some(50_000)
	for i := range items {
		items[i].Group = fmt.Sprint(i / 25)
	}
	p, err := prepare(classes, items)
	if err != nil {
		b.Fatal(err)
	}
	var all []registry.One[Metric]
	for _, name := range Metrics.Names() {
		m, _ := Metrics.Default(name)
		all = append(all, m)
	}
	s := newSheet(all, p)
	for b.Loop() {
		if _, err := Default.Intervals.intervals(b.Context(), stage.Env{Workers: 2}, "bench", s); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(s.names())), "numbers")
}

// TestVerdict: what only the correction takes away is not called equal.
func TestVerdict(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		alone, corrected float64
		want             string
	}{{0.01, 0.04, "better"}, {0.04, 0.06, "better before correction"}, {0.2, 0.3, "indistinguishable"}, {math.NaN(), math.NaN(), ""}} {
		if got := verdict(stage.LowerBetter, -0.3, c.alone, c.corrected, 0.95); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
