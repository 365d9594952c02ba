package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// TestComparisonJSON: numbers that do not exist are null.
func TestComparisonJSON(t *testing.T) {
	t.Parallel()
	pair := evaluate.Pair{A: "base", B: "new", Primary: evaluate.Difference{Scalar: stage.Scalar{Name: "f1", Title: "F1"}, Verdict: "better", Corrected: 0.03,
		Estimate: stage.Estimate{Value: 0.125, Low: math.NaN(), High: math.NaN()}}}
	pair.Flips.All.Fixed, pair.Flips.All.Broken = 5, 2
	text, err := json.Marshal(comparisonJSON(evaluate.Comparison{Split: stage.Test, Pairs: []evaluate.Pair{pair}}))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"run":"new","against":"base","split":"test","metric":"f1","difference":0.125,"low":null,"high":null,"p_corrected":0.03,"verdict":"better"`, `"fixed":5,"broken":2}`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("got %s, want it to hold %s", text, want)
		}
	}
	if text, err = json.Marshal(comparisonJSON(evaluate.Comparison{})); err != nil || string(text) != "[]" {
		t.Errorf("of nothing: got %s, %v", text, err)
	}
}

// TestNumbersThatAreNot: a dash stands for an interval, a number or a correlation that does not exist.
func TestNumbersThatAreNot(t *testing.T) {
	t.Parallel()
	if got := intervalText(stage.Estimate{Low: math.NaN(), High: math.NaN()}); got != nothing {
		t.Errorf("got %q", got)
	}
	if got := intervalText(stage.Estimate{Low: -0.25, High: 0.5}); got != "-0.2500 to +0.5000" {
		t.Errorf("got %q", got)
	}
	if got, none := orDash(0.25), orDash(math.NaN()); got != "0.250" || none != nothing {
		t.Errorf("got %q and %q", got, none)
	}
	number := stage.Scalar{Name: "f1", Value: 0.5, Interval: &stage.Interval{Low: 0.25, High: 0.75}}
	if got := finalText(number); got != "0.5000 (0.2500 to 0.7500)" {
		t.Errorf("got %q", got)
	}
	if number.Value = math.NaN(); finalText(number) != nothing || finalText(stage.Scalar{}) != nothing {
		t.Errorf("got %q", finalText(number))
	}
}
