package evaluate

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// lacSets asks for sets with the defaults.
func lacSets(coverage float64) *Conformal {
	c := Conformal{}.Defaults()
	c.Coverage = coverage
	c.Method, _ = ConformalMethods.Default(c.Method.Name)
	return &c
}

// told runs an evaluation and keeps what it records.
type told struct {
	values map[string]stage.Scalar
	tables map[string]stage.Table
	curves map[string]stage.Curve
	facts  map[string]string
	events string
}

func tellAll(t testing.TB, cfg Config, classes []string, items []stage.Prediction) told {
	t.Helper()
	return collectAll(t, func(to stage.Recorder) error {
		return Run(t.Context(), stage.Env{Seed: 5, Recorder: to}, cfg, classes, nil, items)
	})
}

func collectAll(t testing.TB, evaluation func(stage.Recorder) error) told {
	t.Helper()
	out := told{map[string]stage.Scalar{}, map[string]stage.Table{}, map[string]stage.Curve{}, map[string]string{}, ""}
	err := evaluation(collector(func(r stage.Record) {
		switch v := r.(type) {
		case stage.Scalar:
			out.values[v.Series+" "+v.Name] = v
		case stage.Table:
			out.tables[v.Title] = v
		case stage.Curve:
			out.curves[v.Title] = v
		case stage.Fact:
			out.facts[v.Name] = v.Value
		case stage.Event:
			out.events += v.Text + "\n"
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// halves are a validation and a test split of the same cases.
func halves(items []stage.Prediction) []stage.Prediction {
	for i := range items {
		items[i].Split = []stage.Split{stage.Validation, stage.Test}[i%2]
		items[i].Group = fmt.Sprint(i%2, " ", items[i].Group)
	}
	return items
}

// TestRunMakesSets: thresholds come of calibrated validation predictions, and numbers, tables
// and figures of the test split; what is stored makes the same sets.
func TestRunMakesSets(t *testing.T) {
	t.Parallel()
	items := halves(some(480))
	cfg := Config{Sets: lacSets(0.8), Calibrate: &registry.One[Calibrator]{Name: "temperature", Part: Temperature{}},
		Intervals: Intervals{Resamples: 200, Level: 0.95, Method: "bca", Draw: "groups"}}
	r := tellAll(t, cfg, classes, items)
	calibrator, err := ReadCalibrator(r.facts[CalibrationFact], 3)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ReadSets(r.facts[SetsFact], 3)
	if err != nil {
		t.Fatal(err)
	}
	covered, size, n := 0.0, 0.0, 0.0
	for _, item := range ofSplit(items, stage.Test) {
		set := s.Set(calibrator.Calibrate(item))
		size, n = size+float64(len(set)), n+1
		if slices.Contains(set, item.Label) {
			covered++
		}
	}
	got := r.values["test set_coverage"]
	if !near(got.Value, covered/n) || got.Interval == nil || !(got.Interval.Low < 0.8 && got.Interval.High > 0.8) || !near(r.values["test set_size"].Value, size/n) {
		t.Errorf("got %+v of size %v; want %v and %v", got, r.values["test set_size"].Value, covered/n, size/n)
	}
	if _, there := r.values["validation set_coverage"]; there {
		t.Error("sets are measured where their thresholds come from")
	}
	byClass, bySize := r.tables["Prediction sets of each true class, test"], r.tables["Prediction sets by size, test"]
	sum := 0
	for _, row := range bySize.Rows {
		sum += row[1].(int)
	}
	if len(byClass.Rows) != 4 || byClass.Rows[3][2] != 0.8 || byClass.Rows[2][2] != "" || sum != 240 {
		t.Errorf("got %v and %v", byClass.Rows, bySize.Rows)
	}
	for _, row := range bySize.Rows { // counted one by one
		all, held := 0.0, 0.0
		for _, item := range ofSplit(items, stage.Test) {
			if set := s.Set(calibrator.Calibrate(item)); len(set) == row[0] {
				all, held = all+1, held+indicator(slices.Contains(set, item.Label))
			}
		}
		value := func(cell any) float64 {
			if e, is := cell.(stage.Estimate); is {
				return e.Value
			}
			return cell.(float64)
		}
		if row[1] != int(all) || !near(value(row[2]), all/n) || !near(value(row[3]), held/all) {
			t.Errorf("got %v; %v of %v cases have sets of that size, %v of them with the true class", row, all, n, held)
		}
	}
	held, cost := r.curves["Prediction sets: coverage asked for and measured, test"], r.curves["Prediction sets: what coverage costs, test"]
	if len(held.Lines) != 5 || len(cost.Lines) != 1 {
		t.Fatalf("got curves %+v and %+v", held, cost)
	}
	at := slices.Index(held.Lines[1].X, 0.8)
	if len(held.Lines[1].X) != 20 || at < 0 || !near(held.Lines[1].Y[at], covered/n) || !near(cost.Lines[0].Y[at], size/n) {
		t.Errorf("at 0.8 the curves are not what is measured: %v and %v", held.Lines[1], cost.Lines[0])
	}
	if y := cost.Lines[0].Y; len(y) != 20 || !slices.IsSorted(y) || y[0] == y[19] {
		t.Errorf("sets do not grow with their coverage: %v", y)
	}
	for class, line := range held.Lines[2:] {
		if e, is := byClass.Rows[class][3].(stage.Estimate); line.Label != classes[class] || !is || !near(line.Y[at], e.Value) {
			t.Errorf("at 0.8 sets of %s hold it %v, want %v", line.Label, line.Y[at], byClass.Rows[class])
		}
	}
	thresholds := r.tables["Thresholds of prediction sets: lac, coverage 0.8"]
	if fmt.Sprint(thresholds.Rows[0][:3]) != "[all classes 240 80]" || thresholds.Rows[0][3] != float64(s.Thresholds[0]) || !strings.Contains(thresholds.Note, "calibration was found on it") {
		t.Errorf("got %+v", thresholds)
	}
	by, of := r.tables["Prediction sets of subgroups, test"], 0.0
	for _, row := range by.Rows {
		of += float64(row[2].(int)) * row[3].(stage.Estimate).Value / n
	}
	if len(by.Rows) != 3 || by.Rows[0][0] != "condition" || !near(of, got.Value) {
		t.Errorf("got %v, together %v", by.Rows, of)
	}
}

// TestSetsOfTargets: each has a threshold of its own, and the numbers are means over them.
func TestSetsOfTargets(t *testing.T) {
	t.Parallel()
	items := biased(400)
	for i := range items {
		items[i].Split = []stage.Split{stage.Validation, stage.Test}[i/2%2]
	}
	cfg := Config{AverageOver: stage.TargetTag, Sets: lacSets(0.9)}
	r := tellAll(t, cfg, answers, items)
	s, err := ReadSets(r.facts[SetsFact], 2)
	if err != nil || len(s.Of) != 2 || s.Of["frequent"][0] == s.Of["rare"][0] {
		t.Fatalf("got %+v, %v", s, err)
	}
	by := r.tables["Prediction sets, by target, test"]
	if len(by.Rows) != 2 || !near(r.values["test set_coverage"].Value, (by.Rows[0][2].(float64)+by.Rows[1][2].(float64))/2) {
		t.Errorf("got %+v, all together %v", by, r.values["test set_coverage"])
	}
	if _, there := r.tables["Prediction sets of each true class, every target together, test"]; !there {
		t.Errorf("got %v", r.tables)
	}
	more, err := s.Measure(cfg, answers, ofSplit(items, stage.Test))
	if err != nil || !near(more[0].Value, r.values["test set_coverage"].Value) {
		t.Errorf("got %+v, %v", more, err)
	}
}

// TestSetsOfRareClasses: what has too few cases is in every set, and that is said.
func TestSetsOfRareClasses(t *testing.T) {
	t.Parallel()
	items := halves(some(480))
	for i := range items { // one in 30 is severe, and nobody sees it
		items[i].Label = i / 2 % 2
		items[i].Probabilities = normalised([]float64{0.6 - 0.3*float64(i%2) + 0.2*items[i].Probabilities[0], 0.4, 0.05})
		if i%60 < 2 {
			items[i].Label = 2
		}
	}
	cfg := Config{Sets: lacSets(0.9), Intervals: Intervals{Resamples: 200, Level: 0.9, Method: "percentile", Draw: "cases"}}
	cfg.Sets.Exchangeable = "cases"
	r := tellAll(t, cfg, classes, items)
	if row := r.tables["Prediction sets of each true class, test"].Rows[2]; row[2] != "" || row[3] != (stage.Estimate{High: 1 - math.Pow(0.05, 1/8.)}) {
		t.Errorf("got %v", row)
	}
	cfg.Sets.Guarantee, cfg.Sets.Coverage = "class_conditional", 0.95
	r = tellAll(t, cfg, classes, items)
	s, err := ReadSets(r.facts[SetsFact], 3)
	if err != nil || len(s.Thresholds) != 3 || !math.IsInf(float64(s.Thresholds[2]), 1) || math.IsInf(float64(s.Thresholds[0]), 1) {
		t.Errorf("got %+v, %v", s, err)
	}
	if !strings.Contains(r.events, "sets: severe: fewer than 19 validation cases, too few for a coverage of 0.95: in every set") {
		t.Errorf("got %s", r.events)
	}
	if row := r.tables["Prediction sets of each true class, test"].Rows[2]; row[2] != 0.95 || row[3] != (stage.Estimate{Value: 1, Low: math.Pow(0.05, 1/8.), High: 1}) {
		t.Errorf("got %v", row)
	}
	of := r.tables["Thresholds of prediction sets: lac, coverage 0.95"]
	if fmt.Sprint(of.Rows[2]) != "[severe 8 8 none: in every set]" {
		t.Errorf("got %+v", of)
	}
}

// TestSetsWithoutATestSplit are measured where they come from, which is said; without
// validation there are none, and with folds the promise is another.
func TestSetsWithoutATestSplit(t *testing.T) {
	t.Parallel()
	items := halves(some(240))
	r := tellAll(t, Config{Sets: lacSets(0.8)}, classes, ofSplit(items, stage.Validation))
	if r.values["validation set_coverage"].Value < 0.8 || !strings.Contains(r.events, "there is no test split") {
		t.Errorf("got %v, %s", r.values, r.events)
	}
	r = tellAll(t, Config{Sets: lacSets(0.8)}, classes, ofSplit(items, stage.Test))
	if r.facts[SetsFact] != "" || !strings.Contains(r.events, "no predictions of the validation split to find thresholds on") {
		t.Errorf("got %v, %s", r.facts, r.events)
	}
	var folds []stage.Prediction
	for i, item := range ofSplit(items, stage.Validation) {
		folds = append(folds, stage.Fold{Number: 1 + i%2, Of: 2}.Prediction(item))
	}
	for _, item := range ofSplit(items, stage.Test) {
		folds = append(folds, stage.Fold{Number: 1, Of: 2}.Prediction(item), stage.Fold{Number: 2, Of: 2}.Prediction(item))
	}
	r = tellAll(t, Config{Sets: lacSets(0.8)}, classes, append(folds, MeanOfFolds(folds)...))
	if note := r.tables["Thresholds of prediction sets: lac, coverage 0.8"].Note; !strings.Contains(note, "of which no theorem speaks") || math.IsNaN(r.values["test set_coverage"].Value) {
		t.Errorf("got %q, %v", note, r.values)
	}
}

// TestSetsFit refuses sets that would have to hold every class.
func TestSetsFit(t *testing.T) {
	t.Parallel()
	items := some(48) // of 8 groups
	cfg := Config{Sets: lacSets(0.9)}
	cases := split(items, stage.Validation)
	for i := range cases {
		cases[i].Group = items[i].Group
	}
	want := "sets.coverage: 8 validation groups are too few for a coverage of 0.9, which needs 9: every set would hold every class; ask for at most 0.88, or give validation more; exchangeable: cases counts each case, as if none of a group resembled another"
	if got := cfg.Fits(stage.Questions{Classes: classes}, cases).Error(); got != want {
		t.Errorf("got %s", got)
	}
	for i := range cases { // of two folds each validates a half
		cases[i].Split, cases[i].Fold = stage.Train, 1+i%2
	}
	cfg.Sets.Coverage = 0.88
	if got := cfg.Fits(stage.Questions{Classes: classes}, cases); got != nil {
		t.Error(got)
	}
	if got := cfg.Fits(stage.Questions{Classes: classes}, split(some(9), stage.Train)).Error(); !strings.Contains(got, "no validation cases") {
		t.Errorf("got %s", got)
	}
	cfg.Sets.Method = registry.One[ConformalMethod]{Name: "raps", Part: RAPS{Free: 3}}
	if got := cfg.Fits(stage.Questions{Classes: classes}, cases).Error(); got != "sets.method.raps: free: 3 of 3 classes: no set has a penalty; give at most 2, or take aps" {
		t.Errorf("got %s", got)
	}
}
