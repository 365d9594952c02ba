package evaluate

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// trial simulates one run over patients with five cases each. What makes a
// patient hard is the same for all runs of a pair; how well a net does on a
// patient, and on a case, differs from run to run. skill raises the logit of the
// true class. A pair of runs of equal skill has no true difference.
type trial struct {
	pair, patients int
	skill          float64
}

func (s trial) run(name string) Contestant {
	c := Contestant{ID: name, Classes: classes, Fingerprint: "f"}
	for patient := range s.patients {
		hard := stage.Rand(1, "patient", s.pair, patient)
		own := stage.Rand(1, name, s.pair, patient)
		level, fit := hard.NormFloat64(), 0.5*own.NormFloat64()
		for k := range 5 {
			label := []int{0, 0, 0, 1, 2}[hard.IntN(5)]
			z := []float64{0.5 * own.NormFloat64(), 0.5 * own.NormFloat64(), 0.5 * own.NormFloat64()}
			z[label] += 1 + level + fit + s.skill + 0.5*hard.NormFloat64()
			c.Predictions = append(c.Predictions, stage.Prediction{CaseID: fmt.Sprintf("%03d_%d", patient, k), Group: fmt.Sprint(patient),
				Split: stage.Test, Label: label, Probabilities: softmax(z), Tags: map[string]string{"level": fmt.Sprint(k)}})
		}
	}
	return c
}

func contender(name string, runs ...Contestant) Contender { return Contender{name, runs} }

func question(primary string, resamples int, contenders ...Contender) Question {
	i := Default.Intervals
	i.Resamples = resamples
	return Question{Split: stage.Test, Primary: primary, Contender: contenders,
		Metrics: Config{Intervals: i, Metrics: []registry.One[Metric]{{Name: "loss"}, {Name: "f1"}}}}
}

func compare(t *testing.T, q Question) Comparison {
	t.Helper()
	c, err := Compare(t.Context(), stage.Env{Seed: 4, Workers: 2}, q)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// found counts, over simulated pairs, how often a difference is claimed, and
// gives the mean of the differences and of what was thought detectable.
func found(t *testing.T, primary string, pairs int, skill float64) (share, difference, detectable float64) {
	t.Helper()
	for pair := range pairs {
		a, b := trial{pair, 80, 0}.run("a"), trial{pair, 80, skill}.run("b")
		d := compare(t, question(primary, 300, contender("a", a), contender("b", b))).Pairs[0].Primary
		if d.Verdict != "indistinguishable" {
			share += 1 / float64(pairs)
		}
		difference += d.Value / float64(pairs)
		detectable += d.Detectable / float64(pairs)
	}
	return share, difference, detectable
}

// TestVerdictIsCalibrated: of 400 pairs of runs without a true difference, over
// 80 patients of 5 cases that resemble each other, about 5 in 100 are told
// apart; with a difference as large as is said to be detectable, about 80 in 100
// are.
func TestVerdictIsCalibrated(t *testing.T) {
	t.Parallel()
	for _, primary := range []string{"loss", "macro_f1"} {
		share, _, detectable := found(t, primary, 400, 0)
		t.Logf("%s: %.1f %% of 400 pairs without a true difference are told apart; detectable is said to be %.3f", primary, 100*share, detectable)
		if share < 0.03 || share > 0.07 {
			t.Errorf("%s: %.3f of pairs without a difference are told apart, want 0.05 ± 0.02", primary, share)
		}
	}
	share, difference, detectable := found(t, "loss", 200, 0.3)
	t.Logf("loss: %.1f %% of 200 pairs with a true difference of %.3f are told apart; detectable in 80 %% is said to be %.3f", 100*share, difference, detectable)
	if share < 0.7 || share > 0.92 {
		t.Errorf("a difference of %v is found in %.3f of pairs; %v should be in 0.8", difference, share, detectable)
	}
}

// TestManyNumbersAreCalibrated: of pairs without a true difference few have any number,
// of a dozen that go together, that is told apart after correction; of pairs with one, more
// numbers are than if each counted for itself (Bonferroni).
func TestManyNumbersAreCalibrated(t *testing.T) {
	t.Parallel()
	const pairs = 200
	several := func(skill float64) (any, joint, single float64) {
		for pair := range pairs {
			q := question("loss", 300, contender("a", trial{pair, 80, 0}.run("a")), contender("b", trial{pair, 80, skill}.run("b")))
			for _, name := range []string{"accuracy", "balanced_accuracy", "precision", "recall", "kappa", "auroc", "brier", "mcc"} {
				one, ok := Metrics.Default(name)
				if !ok {
					t.Fatal(name)
				}
				q.Metrics.Metrics = append(q.Metrics.Metrics, one)
			}
			told := 0.0
			all := compare(t, q).Pairs[0].All
			for _, d := range all {
				if d.Scalar.Name == "loss" {
					continue
				}
				if d.Corrected < 0.05 {
					told++
				}
				if d.P*float64(len(all)-1) < 0.05 {
					single += 1.0 / pairs
				}
			}
			any, joint = any+min(1, told)/pairs, joint+told/pairs
		}
		return any, joint, single
	}
	wrong, _, _ := several(0)
	_, joint, single := several(0.3)
	t.Logf("%.1f %% of %d pairs without a difference have a number that is told apart; of pairs with one, %.2f numbers are, by Bonferroni %.2f", 100*wrong, pairs, joint, single)
	if wrong > 0.08 { // 0.05 and two standard deviations
		t.Errorf("%.3f of pairs without a difference have a number that is told apart", wrong)
	}
	if joint < 1.1*single {
		t.Errorf("%.2f numbers of a pair are told apart, by Bonferroni %.2f", joint, single)
	}
}

// TestClustersMatter: drawing single cases, as most programs do, claims
// differences too often.
func TestClustersMatter(t *testing.T) {
	t.Parallel()
	wrong := 0.0
	for pair := range 150 {
		q := question("loss", 200, contender("a", trial{pair, 80, 0}.run("a")), contender("b", trial{pair, 80, 0}.run("b")))
		q.Metrics.Intervals.Draw = "cases"
		if compare(t, q).Pairs[0].Primary.Verdict != "indistinguishable" {
			wrong += 1.0 / 150
		}
	}
	if wrong < 0.08 {
		t.Errorf("only %.3f of pairs are told apart wrongly, so this simulation does not test clusters", wrong)
	}
}

func TestCompareWords(t *testing.T) {
	t.Parallel()
	a, b, same := trial{1, 60, 0}.run("a"), trial{1, 60, 2}.run("b"), trial{1, 60, 0}.run("a")
	same.ID = "same"
	c := compare(t, question("macro_f1", 300, contender("plain", a), contender("better", b), contender("same", same)))
	if got := c.Pairs[0].Words(); !strings.HasPrefix(got, "better is better than plain by 0.") ||
		!strings.Contains(got, " in Macro F1, 95% interval 0.") || !strings.HasSuffix(got, "corrected for 2 comparisons") {
		t.Errorf("got %q", got)
	}
	d := c.Pairs[1].Primary
	if got := c.Pairs[1].Words(); !strings.HasPrefix(got, "same and plain are indistinguishable by Macro F1: difference 0 in every resample of these cases") || d.P != 1 || !math.IsNaN(d.Low) {
		t.Errorf("got %q, p %v", got, d.P)
	}
	if c.Cases != 300 || c.Groups != 60 || len(c.Pairs[0].All) != 2 {
		t.Errorf("got %d cases, %d groups, %d numbers", c.Cases, c.Groups, len(c.Pairs[0].All))
	}
	for _, pair := range c.Pairs {
		if row := pair.All[0]; row.Scalar.Name != "macro_f1" || row.Corrected != pair.Primary.Corrected || row.Verdict != pair.Primary.Verdict {
			t.Errorf("the table says %+v of the number that decides, the sentence %+v", row, pair.Primary)
		}
	}
	loss := c.Pairs[0].All[1]
	if loss.Scalar.Name != "loss" || loss.Verdict != "better" || loss.Value >= 0 || loss.Corrected < loss.P {
		t.Errorf("a lower loss is better; got %+v", loss)
	}
}

// TestSeedsAreGrouped: the mean over seeds is compared, and the spread between
// them widens the interval.
func TestSeedsAreGrouped(t *testing.T) {
	t.Parallel()
	runs := func(name string, skills ...float64) Contender {
		c := Contender{Name: name}
		for _, skill := range skills {
			run := trial{3, 60, skill}.run("a") // one net, made better or worse
			run.ID = fmt.Sprint(name, skill)
			c.Runs = append(c.Runs, run)
		}
		return c
	}
	d := compare(t, question("loss", 300, runs("a", -1, 0, 1), runs("b", -0.9, 0.1, 1.1))).Pairs[0].Primary
	one := compare(t, question("loss", 300, runs("a", 0), runs("b", 0.1))).Pairs[0].Primary
	if d.Verdict != "indistinguishable" || one.Verdict != "better" {
		t.Errorf("with seeds that far apart: %s; of one pair of nets: %s", d.Verdict, one.Verdict)
	}
	if d.SpreadA < 0.1 || !math.IsNaN(one.SpreadA) || d.High-d.Low < 3*(one.High-one.Low) {
		t.Errorf("spread %v and %v, intervals %v to %v and %v to %v", d.SpreadA, one.SpreadA, d.Low, d.High, one.Low, one.High)
	}
}

func TestNotComparable(t *testing.T) {
	t.Parallel()
	change := func(f func(*Contestant)) Contestant {
		c := trial{1, 20, 0}.run("b")
		f(&c)
		return c
	}
	for want, other := range map[string]Contestant{
		`the classes of b are ["no" "yes"]`:                   change(func(c *Contestant) { c.Classes = []string{"no", "yes"} }),
		"b has no predictions of the test split":              change(func(c *Contestant) { c.Predictions = nil }),
		"the runs have no case of the test split in common":   change(func(c *Contestant) { renamed(c, "x") }),
		"case 007_3 is severe in b and normal_mild in a":      change(func(c *Contestant) { c.Predictions[38].Label = 2 }),
		"7 groups drawn 300 times cannot tell anything apart": change(func(c *Contestant) { c.Predictions = c.Predictions[:35] }),
		"case 000_0: the probabilities add up to 0.5, want 1": change(func(c *Contestant) { c.Predictions[0].Probabilities = []float64{0.5, 0, 0} }),
	} {
		a := trial{1, 20, 0}.run("a")
		a.Predictions[38].Label = 0
		if !strings.Contains(want, "severe") {
			other = withLabel(other)
		}
		_, err := Compare(t.Context(), stage.Env{}, question("loss", 300, contender("a", a), contender("b", other)))
		if fault := (stage.Fault{}); err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &fault) {
			t.Errorf("got %v, want %q with a hint", err, want)
		}
	}
	if _, err := Compare(t.Context(), stage.Env{}, question("loss", 300, contender("a", trial{1, 20, 0}.run("a")))); err == nil {
		t.Error("one run is compared with nothing")
	}
	both := []Contender{contender("a", trial{1, 20, 0}.run("a")), contender("b", trial{1, 20, 0}.run("b"))}
	if _, err := Compare(t.Context(), stage.Env{}, question("gini", 300, both...)); err == nil || !strings.Contains(err.Error(), `no metric gives "gini"`) || !strings.Contains(err.Error(), "known: ") {
		t.Errorf("got %v", err)
	}
}

// withLabel gives case 38 the label that the first contender has.
func withLabel(c Contestant) Contestant {
	if len(c.Predictions) > 38 {
		c.Predictions[38].Label = 0
	}
	return c
}

func renamed(c *Contestant, prefix string) {
	for i := range c.Predictions {
		c.Predictions[i].CaseID = prefix + c.Predictions[i].CaseID
	}
}

func TestRemarks(t *testing.T) {
	t.Parallel()
	a, b := trial{1, 20, 0}.run("a"), trial{1, 20, 0}.run("b")
	b.Fingerprint = "other"
	b.Predictions = b.Predictions[:95]
	b.Predictions = append(b.Predictions, a.Predictions[97]) // which a tests on
	b.Predictions[95].Split = stage.Validation
	c := compare(t, question("loss", 200, contender("A", a), contender("B", b, b)))
	want := []Remark{
		{"5 of the 100 cases of a are left out, since not all runs predicted them", true},
		{"b was made with other data than a (their fingerprints differ)", true},
		{"b was made with other data than a (their fingerprints differ)", true},
		{"A is one run: what another seed would change is not known", false},
		{"b has 1 cases of the test split of other runs in its validation split", true},
		{"b has 1 cases of the test split of other runs in its validation split", true},
	}
	if !slices.Equal(c.Remarks, want) {
		t.Errorf("got %v", c.Remarks)
	}
	if got := compare(t, question("loss", 20, contender("A", a), contender("B", a))).Remarks; len(got) != 1 || got[0].Text != "A and B are one run each: what another seed would change is not known" {
		t.Errorf("of two: %v", got)
	}
	var many []Contender
	for _, name := range []string{"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"} {
		many = append(many, contender(name, a))
	}
	if got := compare(t, question("loss", 20, many...)).Remarks; len(got) != 1 || got[0].Text != "A, B, C and 9 more are one run each: what another seed would change is not known" {
		t.Errorf("of many: %v", got)
	}
}

func TestFlips(t *testing.T) {
	t.Parallel()
	p := func(predicted ...int) Predictions {
		out := Predictions{Classes: classes}
		for i, class := range predicted {
			probabilities := []float64{0.1, 0.1, 0.1}
			probabilities[class] = 0.8
			out.Items = append(out.Items, stage.Prediction{CaseID: fmt.Sprint(i), Label: i % 3, Probabilities: probabilities,
				Tags: map[string]string{"side": []string{"left", "right"}[i%2], "scanner": "one"}})
		}
		return out
	}
	// labels 0 1 2 0 1: b fixes case 1, breaks case 3, both miss 4
	f := flips([]Predictions{p(0, 0, 2, 0, 0)}, []Predictions{p(0, 1, 2, 2, 2)})
	if want := (FlipCount{Cases: 5, BothRight: 2, Fixed: 1, Broken: 1, BothWrong: 1}); f.All != want {
		t.Errorf("got %+v, want %+v", f.All, want)
	}
	if want := (FlipCount{Cases: 2, Fixed: 1, BothWrong: 1}); f.ByClass["moderate"] != want || len(f.ByTag) != 1 {
		t.Errorf("moderate %+v, tags %v", f.ByClass["moderate"], f.ByTag)
	}
	if want := (FlipCount{Cases: 2, Fixed: 1, Broken: 1}); f.ByTag["side"]["right"] != want {
		t.Errorf("right %+v", f.ByTag["side"]["right"])
	}
	if len(f.Cases) != 2 || !f.Cases[0].Fixed || f.Cases[0].Case != "1" || f.Cases[1].Fixed || f.Cases[1].B != 2 {
		t.Errorf("got %+v", f.Cases)
	}
	if want := [][]float64{{2, 0, 0}, {2, 0, 0}, {0, 0, 1}}; !reflect.DeepEqual(f.A, want) {
		t.Errorf("got %v, want %v", f.A, want)
	}
	if want := [][]float64{{1, 0, 1}, {0, 1, 1}, {0, 0, 1}}; !reflect.DeepEqual(f.B, want) {
		t.Errorf("got %v, want %v", f.B, want)
	}
	tables := f.Tables()
	if len(tables) != 3 || !reflect.DeepEqual(tables[0].Rows[3], []any{"all", 5, 2, 1, 1, 1, 0}) || !reflect.DeepEqual(tables[2].Rows[1], []any{"3", "", "broken", "normal_mild", "normal_mild", "severe"}) {
		t.Errorf("got %v", tables)
	}
	bare := p(0, 1)
	bare.Items[0].Tags["side"] = ""
	if t2 := flips([]Predictions{bare}, []Predictions{p(0, 1)}).Tables(); t2[1].Rows[0][0] != noTag {
		t.Errorf("a case without a side is counted as %v", t2[1].Rows[0])
	}
	// the mean over two seeds decides: one run sure of a class outvotes one that is not
	a := p(0)
	other := p(1)
	other.Items[0].Probabilities = []float64{0.2, 0.45, 0.35}
	if got := mean([]Predictions{a, other}, 0); largest(got) != 0 || !near(got[0], 0.5) || !near(got[1], 0.275) {
		t.Errorf("got %v", got)
	}
}

// TestVerdictsBeforeCorrection: of the numbers that decide nothing it is told which would be
// different alone; the one that decides is different or not.
func TestVerdictsBeforeCorrection(t *testing.T) {
	t.Parallel()
	var pair Pair
	for k, p := range []float64{0.04, 0.0001, 0.03, 0.5} {
		d := Difference{Scalar: stage.Scalar{Better: stage.HigherBetter}, Estimate: stage.Estimate{Value: 1}, P: p, level: 0.95}
		for b := range 500 {
			d.drawn.Replicates = append(d.drawn.Replicates, 1+stage.Rand(1, "drawn", k, b).NormFloat64())
		}
		pair.All = append(pair.All, d)
	}
	c := Comparison{Pairs: []Pair{pair}}
	c.correct(0)
	for k, want := range []string{"better", "better", "better before correction", "indistinguishable"} {
		if got := c.Pairs[0].All[k]; got.Verdict != want {
			t.Errorf("p %v, corrected %v: %q, want %q", got.P, got.Corrected, got.Verdict, want)
		}
	}
	if c.Pairs[0].Primary.Corrected != 0.04 {
		t.Errorf("a single number is corrected to %v", c.Pairs[0].Primary.Corrected)
	}
}

// TestComparisonCanBeStored: tables and matrices have as many cells as names.
func TestComparisonCanBeStored(t *testing.T) {
	t.Parallel()
	c := compare(t, question("loss", 200, contender("A", trial{1, 20, 0}.run("a")), contender("B", trial{1, 20, 1}.run("b"))))
	c.Remarks = []Remark{{Text: "by the way"}, {Text: "beware", Serious: true}}
	var r Result
	var events []stage.Event
	titles := map[string]bool{}
	for _, record := range c.Records() {
		switch v := record.(type) {
		case stage.Event:
			events = append(events, v)
		case stage.Table:
			r.Tables = append(r.Tables, v)
			titles[v.Name+v.Title] = true
		case stage.Matrix:
			r.Matrices = append(r.Matrices, v)
			titles[v.Name+v.Title] = true
		}
	}
	checkFigures(t, r)
	if len(r.Tables) != 5 || len(r.Matrices) != 3 || len(titles) != 8 {
		t.Errorf("got %d tables, %d matrices, %d titles", len(r.Tables), len(r.Matrices), len(titles))
	}
	for _, table := range r.Tables {
		if table.Section != "comparison" || table.Name != "verdicts" && !strings.HasSuffix(table.Title, ": B against A") {
			t.Errorf("%q lies in %q", table.Title, table.Section)
		}
	}
	for i, row := range r.Matrices[2].Values {
		for k, v := range row {
			if now, before := r.Matrices[1].Values[i][k], r.Matrices[0].Values[i][k]; v != now-before {
				t.Errorf("difference %v of %v and %v", v, now, before)
			}
		}
	}
	if want := []stage.Event{{Level: "info", Stage: "compare", Text: "by the way"}, {Level: "warning", Stage: "compare", Text: "beware"}}; !slices.Equal(events, want) {
		t.Errorf("got %v", events)
	}
}

// TestGiving: stored predictions are measured as they were, settings included.
func TestGiving(t *testing.T) {
	t.Parallel()
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "top_k", Part: TopK{3}}, {Name: "kappa", Part: Kappa{"linear"}}, {Name: "f1"}}}
	got := cfg.Giving([]string{"kappa", "top_3_accuracy", "macro_f1", "loss"})
	want := []registry.One[Metric]{{Name: "f1", Part: F1{macro}}, {Name: "kappa", Part: Kappa{"linear"}}, {Name: "loss", Part: LogLoss{}}, {Name: "top_k", Part: TopK{3}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (Config{}).Giving([]string{"top_3_accuracy"}); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// TestDecidingNumberFirst: the number that decides leads the others, which keep their order.
func TestDecidingNumberFirst(t *testing.T) {
	t.Parallel()
	names := func(primary string) (out []string) {
		for _, d := range compare(t, question(primary, 50, contender("a", trial{pair: 1, patients: 20}.run("a")), contender("b", trial{pair: 1, patients: 20}.run("b")))).Pairs[0].All {
			out = append(out, d.Scalar.Name)
		}
		return out
	}
	first, second := names("loss"), names("macro_f1")
	if first[0] != "loss" || second[0] != "macro_f1" {
		t.Fatalf("got %v, %v", first, second)
	}
	rest := func(all []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return name == "loss" || name == "macro_f1" })
	}
	if !slices.Equal(rest(first), rest(second)) || len(first) != len(second) {
		t.Errorf("got %v, %v", first, second)
	}
}

// TestDetectableIsWiderThanTheInterval: what would be found in 80 of 100 tries is z(0.975) + z(0.8) =
// 2.80 standard errors, and half an interval z(0.975) = 1.96 of them.
func TestDetectableIsWiderThanTheInterval(t *testing.T) {
	t.Parallel()
	d := compare(t, question("loss", 2000, contender("a", trial{1, 80, 0}.run("a")), contender("b", trial{1, 80, 0.3}.run("b")))).Pairs[0].Primary
	if got := d.Detectable / ((d.High - d.Low) / 2); !(math.Abs(got-2.80/1.96) <= 0.1) {
		t.Errorf("got %v times half the interval, want about %.2f: %+v", got, 2.80/1.96, d.Estimate)
	}
}
