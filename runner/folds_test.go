package main

import (
	"fmt"
	"testing"

	"vertebra/stages/stage"
)

// TestFinishedFold: a fold is finished where all of its cases were predicted by its own net, which all
// nets asked about the test split did; what it says last of a case counts.
func TestFinishedFold(t *testing.T) {
	t.Parallel()
	fold := func(number int) stage.Fold { return stage.Fold{Number: number, Of: 2, Phases: 1} }
	cases := []stage.Case{{ID: "t", Split: stage.Test}, {ID: "x", Split: stage.Train}, {ID: "v", Split: stage.Validation}}
	said := func(number int, id string, p float64) stage.Prediction {
		return fold(number).Prediction(stage.Prediction{CaseID: id, Probabilities: []float64{p}})
	}
	all := []stage.Prediction{said(1, "v", 0.1), said(1, "t", 0.2), said(2, "t", 0.9), said(2, "x", 0.8), said(1, "v", 0.3)}
	for name, c := range map[string]struct {
		number int
		stored []stage.Prediction
		cases  []stage.Case
		want   string
	}{
		"finished":              {1, all, cases, "v 0.3, t 0.2, true"},
		"by another net":        {2, all, cases, "false"},
		"the test is not there": {1, all[:1], cases, "false"},
		"nothing is":            {1, nil, cases, "false"},
		"it predicts nothing":   {1, all, cases[1:2], "false"},
	} {
		got := ""
		out, done := earlier{predictions: c.stored}.finishedFold(fold(c.number), c.cases)
		for _, p := range out {
			got += fmt.Sprintf("%s %g, ", p.CaseID, p.Probabilities[0])
		}
		if got += fmt.Sprint(done); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
