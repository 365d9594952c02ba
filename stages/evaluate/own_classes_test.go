package evaluate

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Three questions: of two classes, of three, and of three of which one is another's too.
var (
	ownNames = []string{"benign", "malignant", "a", "b", "c", "d"}
	ownLists = map[string][]int{"mass": {0, 1}, "density": {4, 3, 2}, "grade": {1, 5, 3}}
)

// ownAnswers are predictions of n samples.
func ownAnswers(n int) (items []stage.Prediction) {
	for i := range n {
		for _, target := range slices.Sorted(maps.Keys(ownLists)) {
			among, r := ownLists[target], stage.Rand(11, target, i)
			p, label := make([]float64, len(ownNames)), among[r.IntN(len(among))]
			for _, k := range among {
				p[k] = 0.05 + r.Float64()
			}
			p[label] += 0.3
			items = append(items, stage.Prediction{CaseID: fmt.Sprintf("%04d_%s", i, target), Group: fmt.Sprint(i / 2), Split: stage.Validation,
				Label: label, Probabilities: normalised(p), Among: among, Tags: map[string]string{stage.TargetTag: target}})
		}
	}
	return items
}

// alone are the answers to one question, in classes that are its own.
func alone(t *testing.T, target string, items []stage.Prediction) Predictions {
	t.Helper()
	var names []string
	for _, k := range ownLists[target] {
		names = append(names, ownNames[k])
	}
	var out []stage.Prediction
	for _, item := range items {
		if item.Tags[stage.TargetTag] != target {
			continue
		}
		one := stage.Prediction{CaseID: item.CaseID, Group: item.Group, Split: item.Split, Tags: item.Tags}
		for i, k := range ownLists[target] {
			one.Probabilities = append(one.Probabilities, item.Probabilities[k])
			if k == item.Label {
				one.Label = i
			}
		}
		out = append(out, one)
	}
	p, err := prepare(names, out)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMetricsOfOwnClasses: every number is the mean over the targets of what it is among the
// target's own classes; figures can be drawn and name no class of another target.
func TestMetricsOfOwnClasses(t *testing.T) {
	t.Parallel()
	items := ownAnswers(40)
	p := averaged(t, ownNames, items)
	everyMetric(t, func(t *testing.T, name string, m Metric) {
		if _, pooled := m.(Pooled); pooled {
			t.Skip("is one of all cases together")
		}
		got := p.values(m)
		for i := range m.Scalars() {
			sum, n := 0.0, 0.0
			for target := range ownLists {
				if v := m.Values(alone(t, target, items))[i]; !math.IsNaN(v) {
					sum, n = sum+v, n+1
				}
			}
			if !near(got[i], sum/n) {
				t.Errorf("%s: got %v, want %v", m.Scalars()[i].Name, got[i], sum/n)
			}
		}
		r := p.show(m)
		checkFigures(t, r)
		for _, table := range r.Tables {
			at := slices.Index(table.Columns, "class")
			for _, row := range table.Rows {
				if target, is := row[0].(string); is && at > 0 && ownLists[target] != nil {
					if k := slices.Index(ownNames, row[at].(string)); !slices.Contains(ownLists[target], k) {
						t.Errorf("%s: %v", table.Title, row)
					}
				}
			}
		}
	})
}

// TestTablesOfOwnClasses: a row for each class of each target, of two the positive one, and of
// metrics of one class a row for each target; then their means.
func TestTablesOfOwnClasses(t *testing.T) {
	t.Parallel()
	items := ownAnswers(40)
	p := averaged(t, ownNames, items)
	for name, rows := range map[string]int{"per_class": 8, "auroc": 8, "average_precision": 8, "recalibration": 4, "operating_point": 4} {
		one, _ := Metrics.Default(name)
		table := p.show(one.Part).Tables[0]
		if len(table.Rows) != rows || table.Rows[rows-1][0] != "mean" {
			t.Fatalf("%s: got %v", name, table.Rows)
		}
		if name == "recalibration" && !strings.HasPrefix(table.Note, "expected is the sum of the probabilities") {
			t.Errorf("%s: note %q", name, table.Note)
		}
		for _, row := range table.Rows[:rows-1] {
			own := alone(t, row[0].(string), items)
			k := slices.Index(own.Classes, row[2].(string))
			if support := int(own.perClass()[k].support); row[1] != 40 || row[3] != support {
				t.Errorf("%s: got %v of %d cases", name, row, support)
			}
			c, at := own.perClass()[k], len(row)-1
			if want := map[string]float64{"per_class": c.specificity, "auroc": own.areas(k).roc, "average_precision": own.areas(k).precision}; name == "recalibration" {
				if !near(row[at].(float64), own.recalibrated(k).slope) {
					t.Errorf("%s: got %v", name, row)
				}
			} else if w, is := want[name]; is && !near(row[at].(float64), w) {
				t.Errorf("%s: got %v, want %v", name, row, w)
			}
		}
	}
}

// TestMeanOfOwnClasses: the mean below the classes of all targets is the number of the split.
func TestMeanOfOwnClasses(t *testing.T) {
	t.Parallel()
	p := averaged(t, ownNames, ownAnswers(40))
	table := p.show(AUROC{}).Tables[0]
	last := table.Rows[len(table.Rows)-1]
	if want := p.values(AUROC{})[0]; last[0] != "mean" || !near(last[len(last)-1].(float64), want) {
		t.Errorf("%s: the last row is %v, and the number %v", table.Title, last, want)
	}
}

// TestNamedClassOfOwnClasses: a metric of one class is that of the targets which have it.
func TestNamedClassOfOwnClasses(t *testing.T) {
	t.Parallel()
	items := ownAnswers(40)
	p := averaged(t, ownNames, items)
	for _, m := range []Metric{PositiveClass{"malignant"}, OperatingPoint{"malignant", 0.9, 0.9}, NetBenefit{"malignant", 0.2}} {
		a, b := m.Values(alone(t, "mass", items)), m.Values(alone(t, "grade", items))
		for i, got := range p.values(m) {
			if want := (a[i] + b[i]) / 2; !near(got, want) {
				t.Errorf("%T: %s = %v, want %v", m, m.Scalars()[i].Name, got, want)
			}
		}
		r := p.show(m)
		checkFigures(t, r)
		if m.Values(alone(t, "density", items)); strings.Contains(fmt.Sprint(r.Tables), "density") {
			t.Errorf("%T: %v", m, r.Tables)
		}
	}
}

// TestCalibrationOfOwnClasses: each target is calibrated among its classes, as if alone, and
// the others keep the probability 0; with few cases it gets that of the targets alike.
func TestCalibrationOfOwnClasses(t *testing.T) {
	t.Parallel()
	items := ownAnswers(80)
	for _, part := range []Calibrator{Temperature{}, Vector{}} {
		m, without, err := fitTargets(part, averaged(t, ownNames, items))
		if err != nil || without.own != nil || without.any != nil || m.check(len(ownNames)) != nil {
			t.Fatal(err, without, m)
		}
		for target, among := range ownLists {
			own := alone(t, target, items)
			want, err := part.Fit(own)
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range items {
				if item.Tags[stage.TargetTag] != target {
					continue
				}
				at := slices.IndexFunc(own.Items, func(o stage.Prediction) bool { return o.CaseID == item.CaseID })
				expected := want.Calibrate(own.Items[at]).Probabilities
				for k, got := range m.Calibrate(item).Probabilities {
					if i := slices.Index(among, k); i < 0 && got != 0 || i >= 0 && !near(got, expected[i]) {
						t.Errorf("%T: %s, class %d: got %v", part, item.CaseID, k, got)
					}
				}
			}
		}
	}
}

// TestCalibrationOfFewOwnCases: a target with few cases gets the calibration of those that
// have its classes, where there are others; and where nothing can be found for one the others
// are calibrated all the same, and the reader is told.
func TestCalibrationOfFewOwnCases(t *testing.T) {
	t.Parallel()
	items, seen, left := ownAnswers(60), 0, 0
	for i, item := range items {
		if item.Tags[stage.TargetTag] == "mass" { // half of them are of another target, which has its classes
			if seen++; seen%2 == 0 {
				items[i].Tags = map[string]string{stage.TargetTag: "lump"}
			} else if item.Label == 1 {
				if left++; left >= leastOfClass {
					items[i].Label = 0
				}
			}
		}
	}
	p := averaged(t, ownNames, items)
	m, without, err := fitTargets(Temperature{}, p)
	if err != nil || !slices.Contains(without.own, "mass") || slices.Contains(without.own, "grade") || without.any != nil {
		t.Fatalf("got %+v, %v", without, err)
	}
	want, err := Temperature{}.Fit(alone(t, "mass", ofBoth(items)))
	if err != nil || !near(m.Of["mass"].Scale[0], want.Scale[0]) || near(m.Of["lump"].Scale[0], want.Scale[0]) || m.Of["grade"].Scale[1] == 0 {
		t.Errorf("got %+v, want %+v of those alike", m, want)
	}
	m, without, err = fitTargets(unfitting{}, p)
	if err != nil || !slices.Equal(without.any, []string{"density", "grade"}) || len(m.Of) != 2 {
		t.Errorf("got %+v, %+v, %v", m, without, err)
	}
	told := fmt.Sprint(without.tell(p))
	if !strings.Contains(told, "calibrate: density, grade: there are three classes on the validation split, so not calibrated") {
		t.Errorf("told %s", told)
	}
	item := p.Items[slices.IndexFunc(p.Items, func(item stage.Prediction) bool { return item.Tags[stage.TargetTag] == "grade" })]
	for k, v := range m.Calibrate(item).Probabilities {
		if !near(v, item.Probabilities[k]) {
			t.Errorf("grade is not calibrated, and %v became %v", item.Probabilities[k], v)
		}
	}
}

// ofBoth takes the cases of lump for those of mass.
func ofBoth(items []stage.Prediction) []stage.Prediction {
	out := slices.Clone(items)
	for i := range out {
		if out[i].Tags[stage.TargetTag] == "lump" {
			out[i].Tags = map[string]string{stage.TargetTag: "mass"}
		}
	}
	return out
}

// unfitting calibrates two classes alone.
type unfitting struct{ Temperature }

func (unfitting) Fit(p Predictions) (FittedCalibrator, error) {
	if len(p.Classes) > 2 {
		return FittedCalibrator{}, errors.New("there are three classes")
	}
	return Temperature{}.Fit(p)
}

// TestSetsOfOwnClasses: the sets of a target are those that it has alone, and hold no class
// of another, also where everything is let in.
func TestSetsOfOwnClasses(t *testing.T) {
	t.Parallel()
	items := ownAnswers(60)
	for _, method := range ConformalMethods.Names() {
		for _, guarantee := range []string{"marginal", "class_conditional"} {
			for _, coverage := range []float64{0.8, 0.999} {
				c := Conformal{}.Defaults()
				c.Method, _ = ConformalMethods.Default(method)
				c.Guarantee, c.Coverage = guarantee, coverage
				s := c.fit(averaged(t, ownNames, items), 5)
				fact, err := s.Fact()
				if err != nil {
					t.Fatal(err)
				}
				if s, err = ReadSets(fact.Value, len(ownNames)); err != nil {
					t.Fatal(err)
				}
				for target, among := range ownLists {
					own := alone(t, target, items)
					want := c.fit(own, 5)
					for _, item := range own.Items {
						at := slices.IndexFunc(items, func(o stage.Prediction) bool { return o.CaseID == item.CaseID })
						var expected []int
						for _, i := range want.Set(item) {
							expected = append(expected, among[i])
						}
						if got := s.Set(items[at]); !slices.Equal(got, expected) {
							t.Fatalf("%s %s %v: %s: got %v, want %v", method, guarantee, coverage, item.CaseID, got, expected)
						}
					}
				}
				unknown := items[0]
				unknown.Tags = map[string]string{stage.TargetTag: "none that was calibrated"}
				for _, k := range s.Set(unknown) {
					if !slices.Contains(unknown.Among, k) {
						t.Errorf("%s %s: class %d in a set of %v", method, guarantee, k, unknown.Among)
					}
				}
			}
		}
	}
}

// TestRunOfOwnClasses: everything that a run measures goes through.
func TestRunOfOwnClasses(t *testing.T) {
	t.Parallel()
	cfg := everything()
	cfg.Metrics = slices.DeleteFunc(cfg.Metrics, func(m registry.One[Metric]) bool { return m.Name == "rsna_log_loss" })
	calibrate, _ := Calibrators.Default("vector")
	sets := Conformal{}.Defaults()
	sets.Method, _ = ConformalMethods.Default("lac")
	cfg.Calibrate, cfg.Sets = &calibrate, &sets
	all := strings.Join(ran(t, stage.Env{Seed: 3}, cfg, ownNames, ownAnswers(40)), "\n")
	for _, want := range []string{`Name:"balanced_accuracy"`, "prediction sets", "means over target (3)", "validation calibrated", "sets_by_target"} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %s", want)
		}
	}
}

// TestGuessAmongOwnClasses: the guess without images knows which classes a target has, and
// counts those of its own alone.
func TestGuessAmongOwnClasses(t *testing.T) {
	t.Parallel()
	var cases []stage.Case
	for i, label := range []int{0, 0, 0, 1, 2, 2, 3, 4} {
		target := "mass"
		if i > 3 {
			target = "density"
		}
		cases = append(cases, stage.Case{Label: label, Split: stage.Train, Tags: map[string]string{stage.TargetTag: target}})
	}
	about := func(target string) stage.Prediction {
		return stage.Prediction{CaseID: target, Among: ownLists[target], Tags: map[string]string{stage.TargetTag: target}}
	}
	p := Predictions{Classes: ownNames, items: newMemo(), sums: newMemo(), Items: []stage.Prediction{about("mass"), about("density"), about("grade")}}
	got, ok := guess(p, cases, nil)
	if !ok {
		t.Fatal("no guess")
	}
	want := [][]float64{
		{3. / 4, 1. / 4, 0, 0, 0, 0},
		{0, 0, 2. / 4, 1. / 4, 1. / 4, 0},
		{0, 2. / 5, 0, 2. / 5, 0, 1. / 5}, // nothing is known of it: shares of all cases, with one more of each
	}
	for i, item := range got.Items {
		if !slices.Equal(item.Probabilities, want[i]) {
			t.Errorf("%s: guess %v, want %v", item.CaseID, item.Probabilities, want[i])
		}
	}
}

// TestAverageOverOwnClasses: numbers over answers with other classes would mean nothing.
func TestAverageOverOwnClasses(t *testing.T) {
	t.Parallel()
	asked := stage.Questions{Classes: []string{"no", "yes", "a", "b"}, Targets: []string{"edema", "grade", "mass"}, Among: [][]int{{0, 1}, {2, 3}, {0, 1}}}
	var cases []stage.Case
	for i := range 12 {
		what := []string{"finding", "grade", "finding"}[i%3]
		cases = append(cases, stage.Case{ID: fmt.Sprint(i), Split: stage.Validation, Target: i % 3, Label: asked.Among[i%3][i%2],
			Tags: map[string]string{stage.TargetTag: asked.Targets[i%3], "site": fmt.Sprint(i % 2), "what": what}})
	}
	for over, want := range map[string]int{stage.TargetTag: 0, "what": 0, "site": 1, "": 1, "nothing": 1} {
		cfg := Default
		cfg.AverageOver = over
		if got := cfg.Fits(asked, cases); len(got) != want || want > 0 && got[0].Path != "average_over" {
			t.Errorf("%q: got %v", over, got)
		}
	}
}

// TestWatchedClassOfOwnClasses: a monitor of a class that the target does not have is found
// before anything is trained.
func TestWatchedClassOfOwnClasses(t *testing.T) {
	t.Parallel()
	asked := stage.Questions{Classes: []string{"no", "yes", "a", "b"}, Targets: []string{"edema", "grade"}, Among: [][]int{{0, 1}, {2, 3}}}
	var cases []stage.Case
	for i := range 8 {
		cases = append(cases, stage.Case{ID: fmt.Sprint(i), Split: stage.Validation, Target: i % 2, Label: asked.Among[i%2][i/2%2], Tags: map[string]string{stage.TargetTag: asked.Targets[i%2]}})
	}
	cfg := Config{AverageOver: stage.TargetTag, Metrics: []registry.One[Metric]{{Name: "positive_class", Part: PositiveClass{"yes"}}}}
	if text, hint := cfg.WatchedFits("validation.positive_f1/grade", asked, cases); text != `there is no class "yes"` || hint != "known: a, b" {
		t.Errorf("got %q, %q", text, hint)
	}
	if text, _ := cfg.WatchedFits("validation.positive_f1/edema", asked, cases); text != "" {
		t.Errorf("got %q", text)
	}
}

// TestPartsThatWantClasses: a calibration of two classes must suit each target, penalties of
// sets only one; and the target is named.
func TestPartsThatWantClasses(t *testing.T) {
	t.Parallel()
	asked := stage.Questions{Classes: []string{"no", "yes", "a", "b", "c"}, Targets: []string{"edema", "grade"}, Among: [][]int{{0, 1}, {2, 3, 4}}}
	var cases []stage.Case
	for i := range 60 {
		cases = append(cases, stage.Case{ID: fmt.Sprint(i), Group: fmt.Sprint(i), Split: stage.Validation, Target: i % 2, Label: asked.Among[i%2][i/2%2], Tags: map[string]string{stage.TargetTag: asked.Targets[i%2]}})
	}
	threshold, _ := Calibrators.Default("threshold")
	for free, want := range map[int]string{2: "calibrate.threshold: grade: ", 3: "sets.method.raps: free: 3 of 3 classes"} {
		sets := Conformal{}.Defaults()
		sets.Method = registry.One[ConformalMethod]{Name: "raps", Part: RAPS{Free: free, Penalty: 0.1}}
		cfg := Config{AverageOver: stage.TargetTag, Calibrate: &threshold, Sets: &sets}
		got := cfg.Fits(asked, cases)
		if !strings.Contains(fmt.Sprint(got), want) || len(got) != free-1 {
			t.Errorf("free %d: got %v, want %s", free, got, want)
		}
	}
}

// TestSetsOfOtherLists: thresholds that are not one for each class of a target come from
// elsewhere.
func TestSetsOfOtherLists(t *testing.T) {
	t.Parallel()
	asked := stage.Questions{Classes: ownNames, Targets: []string{"density", "mass"}, Among: [][]int{ownLists["density"], ownLists["mass"]}}
	for n, good := range map[int]bool{0: true, 1: true, 2: false, 3: true, 6: false} {
		s := Sets{Of: map[string][]ceiling{"density": make([]ceiling, n), "mass": {0.5, 0.5}}}
		if n == 0 {
			delete(s.Of, "density")
		}
		if err := s.Check(asked); (err == nil) != good {
			t.Errorf("%d thresholds: %v", n, err)
		}
	}
}

// TestNothingPredicted: a run of targets whose cases all train measures nothing, and says so.
func TestNothingPredicted(t *testing.T) {
	t.Parallel()
	cfg := everything()
	if err := Run(t.Context(), stage.Env{Recorder: stage.Discard}, cfg, ownNames, nil, nil); err != nil {
		t.Error(err)
	}
}
