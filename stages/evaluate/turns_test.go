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

// testedInTurn are three folds of eight cases each: fold k tests its own and validates on the four
// first of each other fold. The nets of fold 2 give all probabilities a lower margin.
func testedInTurn() (cases []stage.Case, items []stage.Prediction) {
	const folds, each = 3, 8
	for i := range folds * each {
		c := stage.Case{ID: fmt.Sprintf("case %02d", i), Group: fmt.Sprintf("group %02d", i), Label: i % 2, Fold: 1 + i/each}
		for fold := 1; fold <= folds; fold++ {
			split := stage.Train
			if c.Fold == fold {
				split = stage.Test
			} else if i%each < 4 {
				split = stage.Validation
			}
			c.Turns = append(c.Turns, split)
		}
		c.Split = c.Turns[0]
		cases = append(cases, c)
	}
	for fold := 1; fold <= folds; fold++ {
		for i, c := range stage.InFold(cases, fold) {
			if c.Split == stage.Train {
				continue
			}
			p := 0.55 + 0.4*float64(i%5)/5/float64(fold)
			if i%7 == fold { // some are wrong
				p = 0.4
			}
			shares := []float64{p, 1 - p}
			if c.Label == 1 {
				shares = []float64{1 - p, p}
			}
			items = append(items, stage.Fold{Number: fold, Of: folds, Tests: true}.Prediction(
				stage.Prediction{Phase: inTurnPhase, CaseID: c.ID, Group: c.Group, Split: c.Split, Label: c.Label, Probabilities: shares}))
		}
	}
	return cases, items
}

func measureInTurn(t *testing.T, cfg Config, cases []stage.Case, items []stage.Prediction) *ledger {
	t.Helper()
	l := &ledger{scalars: map[string]float64{}, tables: map[string]stage.Table{}}
	if err := Run(t.Context(), stage.Env{Recorder: l}, cfg, []string{"no", "yes"}, cases, items); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestTestedInTurn: numbers of test are of all cases, each once; those of validation are means over
// the folds, and there are no predictions of validation that are taken together.
func TestTestedInTurn(t *testing.T) {
	t.Parallel()
	cases, items := testedInTurn()
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}, {Name: "accuracy"}}}
	l := measureInTurn(t, cfg, cases, items)
	right, losses := 0.0, map[string][]float64{}
	for _, item := range items {
		loss := -math.Log(item.Probabilities[item.Label])
		split, _, _ := stage.ParseFoldName(string(item.Split))
		losses[split+" "+item.Tags[stage.FoldTag]] = append(losses[split+" "+item.Tags[stage.FoldTag]], loss)
		if item.Split == stage.Test {
			losses["test"] = append(losses["test"], loss)
			if item.Probabilities[item.Label] > 0.5 {
				right++
			}
		}
	}
	mean := func(key string) (sum float64) {
		for _, v := range losses[key] {
			sum += v
		}
		return sum / float64(len(losses[key]))
	}
	validation := (mean("validation 1") + mean("validation 2") + mean("validation 3")) / 3
	want := map[string]float64{
		"test accuracy": right / 24, "test loss": mean("test"), "test fold 2 loss": mean("test 2"),
		"validation loss": validation, "validation fold 3 loss": mean("validation 3"), "validation baseline loss": math.Ln2, "test baseline loss": math.Ln2,
	}
	for name, v := range want {
		if got, has := l.scalars[name]; !has || !(math.Abs(got-v) < 1e-12) {
			t.Errorf("%s: got %v, want %v", name, got, v)
		}
	}
	rows := l.tables["Cross-validation, test"].Rows
	if len(rows) != 6 || rows[5][0] != "all, each by the net that did not see it" || rows[5][1] != 24 {
		t.Errorf("got %v", rows)
	}
	if rows := l.tables["Cross-validation, validation"].Rows; len(rows) != 5 || rows[2][1] != 8 {
		t.Errorf("got %v", rows)
	}
	if len(l.events) > 0 {
		t.Errorf("got %q", l.events)
	}
	if mean := MeanOfFolds(items); len(mean) > 0 {
		t.Errorf("there is a mean of %d cases that one net alone predicted", len(mean))
	}
}

// TestFittedApart: a fold's calibration and thresholds are found on its own validation cases: labels
// of what it tests, and of what others validate on, change nothing of how its cases are calibrated.
func TestFittedApart(t *testing.T) {
	t.Parallel()
	cases, items := testedInTurn()
	temperature := registry.One[Calibrator]{Name: "temperature", Part: Temperature{}}
	sets := Conformal{}.Defaults()
	sets.Coverage, sets.Method = 0.75, registry.One[ConformalMethod]{Name: "lac", Part: LAC{}}
	cfg := Config{Metrics: []registry.One[Metric]{{Name: "loss"}}, Calibrate: &temperature, Sets: &sets}
	fitted := func(items []stage.Prediction) (c *FittedCalibrator, s *setting) {
		c, err := fitCalibrator(t.Context(), stage.Env{Recorder: stage.Discard}, cfg, []string{"no", "yes"}, fitting(items))
		if err == nil {
			s, err = fitSets(t.Context(), stage.Env{Recorder: stage.Discard}, cfg, []string{"no", "yes"}, items, c)
		}
		if err != nil || c == nil || s == nil {
			t.Fatal(c, s, err)
		}
		return c, s
	}
	c, s := fitted(items)
	if len(c.Folds) != 3 || len(s.sets.Folds) != 3 || c.Folds["1"].Scale[0] == c.Folds["2"].Scale[0] {
		t.Fatalf("got %+v, %+v", c, s.sets)
	}
	other := slices.Clone(items)
	for i, item := range other {
		if item.Tags[stage.FoldTag] != "2" || item.Split == stage.Test {
			other[i].Label = 1 - item.Label
		}
	}
	d, u := fitted(other)
	if c.Folds["2"].Scale[0] != d.Folds["2"].Scale[0] || s.sets.Folds["2"].Thresholds[0] != u.sets.Folds["2"].Thresholds[0] {
		t.Errorf("fold 2 has learnt of what it tests: %v, %v", c.Folds["2"], d.Folds["2"])
	}
	if c.Scale[0] == d.Scale[0] || c.Folds["1"].Scale[0] == d.Folds["1"].Scale[0] {
		t.Error("labels change nothing at all")
	}
	at := slices.IndexFunc(items, func(p stage.Prediction) bool { return p.Split == stage.Test && p.Tags[stage.FoldTag] == "2" })
	if got, want := c.Calibrate(items[at]).Probabilities, c.Folds["2"].Probabilities(items[at].Probabilities); !slices.Equal(got, want) {
		t.Errorf("a case that fold 2 tests: got %v, want %v", got, want)
	}
	if got, want := c.Calibrate(stage.Prediction{Probabilities: []float64{0.3, 0.7}}).Probabilities, c.Probabilities([]float64{0.3, 0.7}); !slices.Equal(got, want) {
		t.Errorf("a new image: got %v, want %v", got, want)
	}
	fact, err := c.Fact()
	if err != nil {
		t.Fatal(err)
	}
	if read, err := ReadCalibrator(fact.Value, 2); err != nil || read.Folds["2"].Scale[0] != c.Folds["2"].Scale[0] {
		t.Errorf("got %v, %v", read, err)
	}
	stored, err := s.sets.Fact()
	if err != nil {
		t.Fatal(err)
	}
	if read, err := ReadSets(stored.Value, 2); err != nil || !slices.Equal(read.Folds["3"].Thresholds, s.sets.Folds["3"].Thresholds) {
		t.Errorf("got %v, %v", read, err)
	}
	if _, err := ReadCalibrator(strings.Replace(fact.Value, `"folds":{"1":{"name":"temperature","scale":[`, `"folds":{"1":{"name":"temperature","scale":[1,2,3,`, 1), 2); err == nil {
		t.Error("a fold with four scales is read")
	}
	l := measureInTurn(t, cfg, cases, items)
	var names []string
	for _, row := range l.tables["Thresholds of prediction sets: lac, coverage 0.75"].Rows {
		names = append(names, row[0].(string))
	}
	if want := "[fold 1: all classes fold 2: all classes fold 3: all classes new images: all classes]"; fmt.Sprint(names) != want {
		t.Errorf("got %v, want %s", names, want)
	}
	for _, name := range []string{"test set_coverage", "test calibrated loss", "validation calibrated loss"} {
		if _, has := l.scalars[name]; !has {
			t.Errorf("there is no %s", name)
		}
	}
}

// TestCasesInTurn: what nets tested and validated on tells what each was trained on.
func TestCasesInTurn(t *testing.T) {
	t.Parallel()
	cases, items := testedInTurn()
	got, err := TrainingCases("", items)
	if err != nil || len(got) != len(cases) {
		t.Fatalf("got %d cases, %v", len(got), err)
	}
	for i, c := range got {
		if c.ID != cases[i].ID || !slices.Equal(c.Turns, cases[i].Turns) {
			t.Errorf("%s: got %v, want %v", c.ID, c.Turns, cases[i].Turns)
		}
	}
}

// TestRejoinedTests: runs of single folds that test in turn have the predictions of one run of all.
func TestRejoinedTests(t *testing.T) {
	t.Parallel()
	_, items := testedInTurn()
	var runs []FoldRun
	for fold := 1; fold <= 3; fold++ {
		r := FoldRun{Fold: fold, Tests: true}
		r.ID = fmt.Sprint("run ", fold)
		for _, item := range items {
			if item.Tags[stage.FoldTag] == fmt.Sprint(fold) {
				split, _, _ := stage.ParseFoldName(string(item.Split))
				item.Split, item.Tags, item.Phase = stage.Split(split), nil, fmt.Sprint("phase of fold ", fold)
				r.Predictions = append(r.Predictions, item)
			}
		}
		runs = append(runs, r)
	}
	m, _, err := Rejoined(runs)
	if err != nil {
		t.Fatal(err)
	}
	byUse := func(a, b stage.Prediction) int {
		return strings.Compare(string(a.Split)+a.CaseID, string(b.Split)+b.CaseID)
	}
	if got, want := slices.SortedFunc(slices.Values(m.Predictions), byUse), slices.SortedFunc(slices.Values(items), byUse); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	runs[1].Predictions = runs[0].Predictions
	if _, _, err := Rejoined(runs); err == nil || !strings.Contains(err.Error(), "both run 1 and run 2 test case case 00") {
		t.Errorf("got %v", err)
	}
}

// TestSetsOfSmallFolds: thresholds of a fold come from its own validation cases, which must be enough.
func TestSetsOfSmallFolds(t *testing.T) {
	t.Parallel()
	cases, _ := testedInTurn()
	sets := Conformal{}.Defaults()
	sets.Method.Part = LAC{}
	asked := stage.Questions{Classes: []string{"no", "yes"}}
	if p := (Config{Sets: &sets}).setsFit(asked, cases); len(p) != 1 || !strings.Contains(p[0].Text, "8 validation groups are too few for a coverage of 0.9") {
		t.Errorf("got %v", p)
	}
	sets.Coverage = 0.8
	if p := (Config{Sets: &sets}).setsFit(asked, cases); p != nil {
		t.Errorf("got %v", p)
	}
}

// TestValidated: a case that validates in two folds is compared in both, and no case that is tested is.
func TestValidated(t *testing.T) {
	t.Parallel()
	_, items := testedInTurn()
	got, ids := Validated(items, 0, true), map[string]bool{}
	for _, item := range got {
		if ids[item.CaseID] = true; item.Split != stage.Validation {
			t.Errorf("%s is of %s", item.CaseID, item.Split)
		}
	}
	if len(got) != 24 || len(ids) != 24 || !ids["case 00 fold 2"] || !ids["case 00 fold 3"] || ids["case 00 fold 1"] {
		t.Errorf("got %d predictions of %d names", len(got), len(ids))
	}
	single := []stage.Prediction{{CaseID: "a", Split: stage.Validation}, {CaseID: "b", Split: stage.Test}}
	if got := Validated(single, 2, true); len(got) != 1 || got[0].CaseID != "a fold 2" {
		t.Errorf("got %v", got)
	}
	if got := Validated(single, 2, false); len(got) != 1 || got[0].CaseID != "a" {
		t.Errorf("got %v", got)
	}
}
