package evaluate

import (
	"fmt"
	"slices"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/stage"
)

// TestLabelIssuesAreCleanlabs finds the labels that cleanlab finds, those of each case by
// itself as those of one target among others.
func TestLabelIssuesAreCleanlabs(t *testing.T) {
	t.Parallel()
	var ref struct {
		Cases []struct {
			Labels      []int
			Thousandths [][]float64
			Issues      []int
		}
	}
	parity.Read(t, "testdata/label_issues.json", &ref)
	var together []stage.Prediction
	all := 0
	for n, c := range ref.Cases {
		var items []stage.Prediction
		for i, label := range c.Labels {
			p := stage.Prediction{CaseID: fmt.Sprintf("%d.%03d", n, i), Label: label, Tags: map[string]string{stage.TargetTag: fmt.Sprint(n)}}
			for _, v := range c.Thousandths[i] {
				p.Probabilities = append(p.Probabilities, v/1000)
			}
			items = append(items, p)
		}
		found, err := LabelIssues([]string{"a", "b", "c"}, items)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for i, issue := range found {
			var k, at int
			fmt.Sscanf(issue.CaseID, "%d.%d", &k, &at)
			if got = append(got, at); i > 0 && issue.Given() < found[i-1].Given() {
				t.Errorf("data %d: %s comes after a label that is likelier", n, issue.CaseID)
			}
			if issue.Suggested == issue.Label {
				t.Errorf("data %d: %s, labelled %d, is suggested %d", n, issue.CaseID, issue.Label, issue.Suggested)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.Issues) {
			t.Errorf("data %d: got %v, cleanlab finds %v", n, got, c.Issues)
		}
		together, all = append(together, items...), all+len(got)
	}
	if found, err := LabelIssues([]string{"a", "b", "c"}, together); err != nil || len(found) != all {
		t.Errorf("of three targets together %d labels are found, want %d; %v", len(found), all, err)
	}
}

// TestLabelIssuesOfAbsentClasses: a class that no case has is never suggested.
func TestLabelIssuesOfAbsentClasses(t *testing.T) {
	t.Parallel()
	items := []stage.Prediction{{CaseID: "a", Label: 0, Probabilities: []float64{0.2, 0, 0.8}}, {CaseID: "b", Label: 1, Probabilities: []float64{0.1, 0.9, 0}}}
	if found, err := LabelIssues([]string{"a", "b", "c"}, items); err != nil || len(found) != 0 {
		t.Errorf("got %v, %v", found, err)
	}
	items[0].Probabilities = items[0].Probabilities[:2]
	if _, err := LabelIssues([]string{"a", "b", "c"}, items); err == nil {
		t.Error("two probabilities of three classes are taken")
	}
}
