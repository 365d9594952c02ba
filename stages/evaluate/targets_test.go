package evaluate

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// findings are answers to five questions of n images, two images a patient. Of the
// first some answers are missing, the last is always no, and every question has
// another share of yes.
func findings(n int, classes int) (items []stage.Prediction) {
	for i := range n {
		for t := range 5 {
			r := stage.Rand(7, "finding", i, t)
			label := 0
			if share := []float64{0.5, 0.3, 0.2, 0.1, 0}[t]; r.Float64() < share {
				label = 1 + r.IntN(classes-1)
			}
			p := make([]float64, classes)
			for k := range p {
				p[k] = r.Float64()
			}
			p[label] += 0.5
			if t == 0 && i%3 == 0 {
				continue
			}
			items = append(items, stage.Prediction{
				CaseID: fmt.Sprintf("%04d_%d", i, t), Group: fmt.Sprint(i / 2), Split: stage.Validation, Label: label, Probabilities: normalised(p),
				Tags: map[string]string{stage.TargetTag: fmt.Sprint("finding ", t), "sex": []string{"f", "m"}[i%2], "condition": fmt.Sprint("c", t)},
			})
		}
	}
	return items
}

var answers = []string{"no", "yes"}

// everything is all metrics, with few resamples.
func everything() Config {
	cfg := Config{AverageOver: stage.TargetTag, Intervals: Default.Intervals}
	cfg.Intervals.Resamples = 100
	for _, name := range Metrics.Names() {
		m, _ := Metrics.Default(name)
		cfg.Metrics = append(cfg.Metrics, m)
	}
	return cfg
}

func averaged(t *testing.T, classes []string, items []stage.Prediction) Predictions {
	t.Helper()
	p, err := everything().prepare(classes, items)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestScikitLearnAgreesOnTargets: every number is the mean over the targets, and where
// scikit-learn has a macro average of multilabel indicators, that one.
func TestScikitLearnAgreesOnTargets(t *testing.T) {
	t.Parallel()
	multilabel := 0
	for _, c := range readReference(t).Targets {
		p := c.predictions()
		for _, name := range Metrics.Names() {
			for _, part := range referenced(name) {
				for _, s := range result(t, part, p).Scalars {
					if want, there := c.Want[s.Name]; !there || !near(s.Value, orNaN(want)) {
						t.Errorf("%s: %s = %.12f, scikit-learn has %.12f", c.Name, s.Name, s.Value, orNaN(want))
					}
					if want, there := c.Multilabel[s.Name]; there {
						multilabel++
						if !near(s.Value, want) {
							t.Errorf("%s: %s = %.12f, scikit-learn's multilabel average is %.12f", c.Name, s.Name, s.Value, want)
						}
					}
				}
			}
		}
		for number, each := range c.Each {
			for i, target := range p.targets() {
				m := Metric(PositiveClass{})
				if number == "macro_auroc" {
					m = AUROC{}
				}
				for _, s := range result(t, m, target.Predictions).Scalars {
					if s.Name == number && !near(s.Value, orNaN(each[i])) {
						t.Errorf("%s: %s of %s = %v, scikit-learn has %v", c.Name, number, target.Name, s.Value, orNaN(each[i]))
					}
				}
			}
		}
	}
	if multilabel != 5 {
		t.Errorf("%d numbers are compared with multilabel averages, want 5", multilabel)
	}
}

// TestDrawnTargets: a patient that is drawn twice counts twice in each target, and one
// that is not drawn in none; for every metric.
func TestDrawnTargets(t *testing.T) {
	t.Parallel()
	all := findings(60, 2)
	p := averaged(t, answers, all)
	clusters := Default.Intervals.clusters(p)
	times := func(cluster int) int { return cluster * 7 % 3 }
	var repeated []stage.Prediction
	for i, item := range p.Items {
		for copy := range times(clusters.Of(i)) {
			twin := item
			twin.CaseID += fmt.Sprint(" ", copy)
			twin.Group += fmt.Sprint(" ", copy)
			repeated = append(repeated, twin)
		}
	}
	q := averaged(t, answers, repeated)
	everyMetric(t, func(t *testing.T, name string, m Metric) {
		if name == "rsna_log_loss" {
			t.Skip("wants other classes")
		}
		one := []registry.One[Metric]{{Name: name, Part: m}}
		want := sheet{q, one}.values(nil)
		d := clusters.Whole() // a resample is one worker's
		for c := range d.Clusters {
			d.Clusters[c] = float64(times(c))
		}
		if got := (sheet{p, one}).clustered(clusters)(d); !slices.EqualFunc(got, want, near) {
			t.Errorf("drawn %v, repeated %v", got, want)
		}
		if got := (sheet{p, one}).values(clusters.Weights(d.Clusters)); !slices.EqualFunc(got, want, near) {
			t.Errorf("weighted %v, repeated %v", got, want)
		}
	})
}

// records keeps everything but pointers to intervals, which it keeps as text.
type records struct{ all []string }

func (*records) Progress(stage.Progress) {}

func (r *records) Record(_ context.Context, given ...stage.Record) error {
	for _, one := range given {
		if s, ok := one.(stage.Scalar); ok && s.Interval != nil {
			r.all = append(r.all, fmt.Sprint(*s.Interval))
			s.Interval = nil
			one = s
		}
		r.all = append(r.all, fmt.Sprintf("%#v", one))
	}
	return nil
}

func ran(t *testing.T, env stage.Env, cfg Config, classes []string, items []stage.Prediction) []string {
	t.Helper()
	r := &records{}
	env.Recorder = r
	var cases []stage.Case
	for i, item := range items {
		c := stage.Case{ID: item.CaseID, Group: item.Group, Label: item.Label, Split: item.Split, Tags: item.Tags}
		cases = append(cases, c)
		c.ID, c.Split = fmt.Sprint("train ", i), stage.Train
		cases = append(cases, c)
	}
	if err := Run(t.Context(), env, cfg, classes, cases, items); err != nil {
		t.Fatal(err)
	}
	return r.all
}

// TestOneTargetChangesNothing: where a tag has one value, or is not there, everything
// is as without average_over, to the last bit.
func TestOneTargetChangesNothing(t *testing.T) {
	t.Parallel()
	vector, _ := Calibrators.Default("vector")
	with, without := everything(), everything()
	with.Calibrate, without.Calibrate = &vector, &vector
	without.AverageOver = ""
	items, tagged := some(300), some(300)
	for i := range tagged {
		tagged[i].Tags[stage.TargetTag] = "stenosis"
	}
	want := ran(t, stage.Env{}, without, classes, items)
	if got := ran(t, stage.Env{}, with, classes, items); !slices.Equal(got, want) {
		t.Error("average_over changes something without the tag")
	}
	counts := func(record string) bool { return strings.Contains(record, TrainingFact) } // these name the target
	if got := ran(t, stage.Env{}, with, classes, tagged); !slices.Equal(slices.DeleteFunc(got, counts), slices.DeleteFunc(want, counts)) {
		t.Error("average_over changes something with one target")
	}
}

// TestTargetsDoNotDependOnWorkers nor on the order of the predictions.
func TestTargetsDoNotDependOnWorkers(t *testing.T) {
	t.Parallel()
	cfg, items := everything(), findings(80, 2)
	cfg.Metrics = slices.DeleteFunc(cfg.Metrics, func(m registry.One[Metric]) bool { return m.Name == "rsna_log_loss" })
	want := ran(t, stage.Env{Workers: 1}, cfg, answers, items)
	slices.Reverse(items)
	got := ran(t, stage.Env{Workers: 4}, cfg, answers, items)
	if !slices.Equal(got, want) {
		t.Error("the records differ")
	}
}

// TestLossIsOfAllCases, and other numbers are means: of two targets, one with three
// cases that are right, one with a case that is wrong.
func TestLossIsOfAllCases(t *testing.T) {
	t.Parallel()
	item := func(id, target string, p ...float64) stage.Prediction {
		return stage.Prediction{CaseID: id, Probabilities: p, Tags: map[string]string{stage.TargetTag: target}}
	}
	items := []stage.Prediction{item("1", "a", 0.9, 0.1), item("2", "a", 0.9, 0.1), item("3", "a", 0.9, 0.1), item("4", "b", 0.2, 0.8)}
	cfg := Config{AverageOver: stage.TargetTag, Metrics: []registry.One[Metric]{{Name: "accuracy"}, {Name: "brier"}}}
	got, err := Measure(cfg, answers)(items)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{(-3*math.Log(0.9) - math.Log(0.2)) / 4, 0.5, (0.01 + 0.64) / 2} {
		if !near(got[i].Value, want) {
			t.Errorf("%s = %v, want %v", got[i].Name, got[i].Value, want)
		}
	}
	cfg.AverageOver = ""
	if pooled, _ := Measure(cfg, answers)(items); !near(pooled[1].Value, 0.75) || pooled[0].Value != got[0].Value {
		t.Errorf("without average_over: %v", pooled)
	}
}

// TestOfficialMetricIsNotAveraged whatever the tag.
func TestOfficialMetricIsNotAveraged(t *testing.T) {
	t.Parallel()
	for _, c := range readReference(t).RSNA {
		p := c.predictions()
		p.averageOver = "condition"
		want := official().Values(c.predictions())
		if got := p.values(official()); !slices.EqualFunc(got, want, near) {
			t.Errorf("%s: got %v, want %v", c.Name, got, want)
		}
	}
}

func TestNotesOfTargets(t *testing.T) {
	t.Parallel()
	p := averaged(t, answers, findings(60, 2))
	notes := func(m Metric) string { return strings.Join(result(t, m, p).Notes, "\n") }
	for _, c := range []struct {
		m    Metric
		want string
	}{
		{AUROC{}, "there is no macro_auroc of finding 4: left out of the mean over target"},
		{PositiveClass{}, "there is no positive_recall, no positive_average_precision of finding 4: left out of the mean over target"},
		{AveragePrecision{}, "finding 4: yes has no case and is left out of the mean"},
		{TopK{2}, "there are only 2 classes, so the true one always is among the 2 likeliest"},
		{Accuracy{}, ""},
	} {
		if got := notes(c.m); got != c.want {
			t.Errorf("%T: got\n%s\nwant\n%s", c.m, got, c.want)
		}
	}
	many := slices.Repeat([]string{"x"}, 22)
	if got := leftOut(AUROC{}.Scalars(), [][]string{many}, "organ"); !strings.HasSuffix(got[0], "x, x and 2 more: left out of the mean over organ") {
		t.Errorf("got %q", got)
	}
	said := map[string][]string{"x": {"a", "b"}, "y": {"c"}, "z": {"d"}}
	if got, want := ofTargets(said, 9), []string{"a: x; the like holds for 4 of 9"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestEveryMetricOfTargets: figures of several targets can be drawn, and their titles
// say what of.
func TestEveryMetricOfTargets(t *testing.T) {
	t.Parallel()
	everyMetric(t, func(t *testing.T, name string, m Metric) {
		for _, classes := range [][]string{answers, classes, {"0", "1", "2", "3", "4", "5", "6"}} {
			p := averaged(t, classes, findings(40, len(classes)))
			if d, ok := m.(Demanding); ok && d.Accept(p) != nil {
				continue
			}
			r := result(t, m, p)
			checkFigures(t, r)
			_, pooled := m.(Pooled)
			for _, title := range titlesOf(r) {
				if !pooled && name != "confusion" && !strings.Contains(title, "target") {
					t.Errorf("%d classes: the title %q does not say of which targets", len(classes), title)
				}
			}
		}
	})
}

// TestManyTargets: of more targets than lines the most frequent are drawn.
func TestManyTargets(t *testing.T) {
	t.Parallel()
	items := findings(300, 2)
	for i := range items {
		items[i].Tags[stage.TargetTag] = fmt.Sprintf("%02d", i%30)
		if items[i].Label = 0; i%30 > 4 && i%60 < 30 {
			items[i].Label = 1
		}
	}
	r := result(t, AUROC{}, averaged(t, answers, items))
	if got := r.Curves[0]; len(got.Lines) != mostLines || got.Lines[0].Label != "05" || !strings.HasSuffix(got.Title, "by target, the 20 of 30 with the most cases") {
		t.Errorf("got %d lines from %s, %q", len(got.Lines), got.Lines[0].Label, got.Title)
	}
}

// TestPriorsByTarget: each finding is guessed by its own share.
func TestPriorsByTarget(t *testing.T) {
	t.Parallel()
	var cases []stage.Case
	for i := range 10 {
		for target, often := range map[string]int{"frequent": 6, "rare": 1} {
			c := stage.Case{Split: stage.Train, Tags: map[string]string{stage.TargetTag: target}}
			if i < often {
				c.Label = 1
			}
			cases = append(cases, c)
		}
	}
	for target, want := range map[string][]float64{"frequent": {0.4, 0.6}, "rare": {0.9, 0.1}} {
		p, ok := guess(Predictions{Classes: answers, Items: []stage.Prediction{{Tags: map[string]string{stage.TargetTag: target}}}}, cases, nil)
		if !ok || !slices.EqualFunc(p.Items[0].Probabilities, want, near) {
			t.Errorf("%s: got %v, want %v", target, p.Items[0].Probabilities, want)
		}
	}
}

// TestTargetsChangeNothing: measuring leaves the predictions as they are.
func TestTargetsChangeNothing(t *testing.T) {
	t.Parallel()
	items := findings(40, 2)
	everyMetric(t, func(t *testing.T, _ string, m Metric) {
		p := Predictions{Classes: answers, Items: items, averageOver: stage.TargetTag}
		if d, ok := m.(Demanding); ok && d.Accept(p) != nil {
			return
		}
		first, second := result(t, m, p), result(t, m, p)
		if fmt.Sprint(first) != fmt.Sprint(second) || !reflect.DeepEqual(p.Items, findings(40, 2)) {
			t.Errorf("got %+v, then %+v", first, second)
		}
	})
}

// BenchmarkIntervalsOfTargets resamples 14 answers of each of 10,000 images 2,000
// times for every metric with numbers, as means over the targets and together.
func BenchmarkIntervalsOfTargets(b *testing.B) {
	var items []stage.Prediction
	for i := range 10_000 {
		for t := range 14 {
			r := stage.Rand(7, "finding", i, t)
			yes := r.Float64()
			item := stage.Prediction{CaseID: fmt.Sprintf("%05d_%02d", i, t), Group: fmt.Sprint(i), Probabilities: []float64{1 - yes, yes},
				Tags: map[string]string{stage.TargetTag: fmt.Sprintf("%02d", t)}}
			if r.Float64() < 0.01+0.02*float64(t) {
				item.Label = 1
			}
			items = append(items, item)
		}
	}
	cfg := everything()
	for _, over := range []string{stage.TargetTag, ""} {
		b.Run("over "+over, func(b *testing.B) {
			cfg.AverageOver = over
			p, err := cfg.prepare(answers, items)
			if err != nil {
				b.Fatal(err)
			}
			s := newSheet(cfg.Metrics, p)
			for b.Loop() {
				if _, err := Default.Intervals.intervals(b.Context(), stage.Env{Workers: 2}, "bench", s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestAverageFact says what the numbers are means over, where they are.
func TestAverageFact(t *testing.T) {
	t.Parallel()
	for over, want := range map[string]bool{stage.TargetTag: true, "": false, "organ": false} {
		cfg := Config{AverageOver: over, Metrics: []registry.One[Metric]{{Name: "loss"}}}
		all := strings.Join(ran(t, stage.Env{}, cfg, answers, findings(20, 2)), "\n")
		if got := strings.Contains(all, `stage.Fact{Name:"numbers", Value:"means over target (5)"}`); got != want {
			t.Errorf("%q: the fact is there: %v, want %v", over, got, want)
		}
	}
}
