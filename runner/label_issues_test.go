package main

import (
	"strings"
	"testing"

	"vertebra/results"
	"vertebra/stages/stage"
)

// TestLabelIssuesPrinted: the first ones, how many there are besides, and what was not looked at.
func TestLabelIssuesPrinted(t *testing.T) {
	t.Parallel()
	record := &results.RunRecord{RunSummary: results.RunSummary{ID: "r"}, Facts: []stage.Fact{{Name: "cases", Value: "10"}}, Predictions: []stage.Prediction{{Split: stage.Validation}, {Split: stage.Validation}}}
	var out strings.Builder
	if err := (labelIssuesCommand{Most: 1}).print(&out, record, []string{"no", "yes"}, nil, 100); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"0 of 100 labels are contradicted with confidence by nets of run r", "look at them first", "of 10 cases the nets were held out from 2: data.split: {folds: 5}"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got\n%s\nwant it to hold %s", out.String(), want)
		}
	}
	if strings.Contains(out.String(), "suggested") {
		t.Errorf("a table of nothing:\n%s", out.String())
	}
}
