package results

import (
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// threeRuns differ in settings, numbers and tags.
func threeRuns(t *testing.T) *DB {
	db := openTest(t)
	now := clock()
	for i, experiment := range []string{
		"model: {backbone: {resnet50: {weights: imagenet}}}\ntrain: {batch: 64, loss: {focal: {gamma: 2}}}",
		"model: {backbone: {resnet18: {}}}\ntrain: {batch: 32, loss: {cross_entropy: {}}}\naugment: [{rotate: {degrees: 10}}]",
		"model: {backbone: {resnet50: {}}}\ntrain: {batch: 6.4e1, loss: {cross_entropy: {}}}\nevaluate: {metrics: [{kappa: {weights: quadratic}}]}",
	} {
		run, err := db.Begin(t.Context(), RunInfo{Name: string(rune('a' + i)), Experiment: experiment, Seed: uint64(i), Now: now})
		if err != nil {
			t.Fatal(err)
		}
		number := func(series, name string, v float64) stage.Scalar {
			return stage.Scalar{Name: name, Series: series, Epoch: stage.Final, Value: v}
		}
		record(t, run, number("test", "macro_f1", 0.1), number("validation", "loss", 0.5), number("validation", "macro_f1", []float64{0.71, 0.9, 0.7}[i]))
		if i == 1 {
			record(t, run, number("validation", "kappa", 0.5))
			if _, err := db.Tag(t.Context(), run.ID(), []string{"paper"}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := run.Finish(t.Context(), Done, nil); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func TestConditions(t *testing.T) {
	t.Parallel()
	db := threeRuns(t)
	for text, want := range map[string]string{
		"f1>0.7":                            "b a",
		"macro_f1 >= 0.7":                   "c b a",
		"test.macro_f1>0.5":                 "",
		"f1<0.71":                           "c",
		"status=done f1>0.7 model=resnet50": "a",
		"model=resnet50":                    "c a",
		"model!=resnet50":                   "b",
		"loss=focal":                        "a",
		"loss.focal.gamma=2.0":              "a",
		"train.batch=64":                    "c a",
		"batch<64":                          "b",
		"augment=rotate":                    "b",
		"degrees>5":                         "b",
		"tag=paper":                         "b",
		"tag!=paper":                        "c a",
		"kappa>0":                           "b",
		"id~A":                              "a",
		"loss<0.6":                          "c b a",
		"weights=quadratic":                 "c",
		"kappa>=0":                          "b",
		"seed=2":                            "c",
		"started>=2026-11-24":               "c b a",
		"started<2026":                      "",
		"archived=true":                     "",
	} {
		var where []Condition
		for _, one := range strings.Fields(strings.ReplaceAll(text, " >= ", ">=")) {
			c, err := ParseCondition(one)
			if err != nil {
				t.Fatal(err)
			}
			where = append(where, c)
		}
		checkRuns(t, db, Filter{Where: where}, want)
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	db := threeRuns(t)
	checkRuns(t, db, Filter{Sort: "f1"}, "c a b")
	checkRuns(t, db, Filter{Sort: "f1", Descending: true, Limit: 2}, "b a")
	checkRuns(t, db, Filter{Sort: "kappa"}, "b c a") // those without one stay behind, as they were
	checkRuns(t, db, Filter{Sort: "kappa", Descending: true}, "b c a")
	checkRuns(t, db, Filter{Sort: "name"}, "a b c")
	checkRuns(t, db, Filter{Sort: "batch", Descending: true}, "c a b")
}

func checkRuns(t *testing.T, db *DB, f Filter, want string) {
	t.Helper()
	runs, err := db.Runs(t.Context(), f)
	var names []string
	for _, r := range runs {
		names = append(names, r.Name)
	}
	if got := strings.Join(names, " "); err != nil || got != want {
		t.Errorf("%+v: got %q, %v; want %q", f, got, err, want)
	}
}

func TestConditionsThatNobodyKnows(t *testing.T) {
	t.Parallel()
	db := threeRuns(t)
	for _, f := range []Filter{{Where: []Condition{{"f2", ">", "0"}}}, {Sort: "f2"}} {
		_, err := db.Runs(t.Context(), f)
		if err == nil || !strings.Contains(err.Error(), `no run has "f2"`) || !strings.Contains(err.Error(), "macro_f1") {
			t.Errorf("got %v", err)
		}
	}
	for _, text := range []string{"", "f1", ">3", "f1>high", "=x"} {
		if c, err := ParseCondition(text); err == nil {
			t.Errorf("%q became %+v", text, c)
		}
	}
	checkRuns(t, openTest(t), Filter{Where: []Condition{{"f2", ">", "0"}}}, "") // nobody is there to know
}

func FuzzParseCondition(f *testing.F) {
	for _, text := range []string{"f1>0.7", "model=resnet50", "note ~ a=b", "a<=", "läs!=1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCondition(text)
		if err != nil {
			return
		}
		if c.Key == "" || !strings.Contains("= != < <= > >= ~", c.Op) {
			t.Errorf("%q became %+v", text, c)
		}
		c.holds([]string{"", "1", text})
	})
}
