package evaluate

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestThreshold: after it the predicted classes have the best F1, or Youden's J, that
// scikit-learn finds among all thresholds.
func TestThreshold(t *testing.T) {
	t.Parallel()
	cases := readReference(t).Thresholds
	for _, c := range cases {
		p := Predictions{Classes: []string{"no", "yes"}}
		for i, label := range c.Labels {
			yes := float64(c.Thousandths[i]) / 1000
			p.Items = append(p.Items, stage.Prediction{CaseID: fmt.Sprint(1000 + i), Label: label, Probabilities: []float64{1 - yes, yes}})
		}
		for best, want := range map[string]float64{"f1": c.F1, "youden": c.Youden} {
			mend, err := Threshold{Best: best}.Fit(p)
			if err != nil {
				t.Fatal(err)
			}
			yes := Predictions{Classes: p.Classes, Items: mend.items(p.Items)}.perClass()[1]
			got := yes.f1
			if best == "youden" {
				got = yes.recall + yes.specificity - 1
			}
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("%s, %s: got %v with %v, scikit-learn has %v", c.Name, best, got, mend.Offset, want)
			}
		}
	}
	if len(cases) < 3 {
		t.Errorf("there are %d references", len(cases))
	}
}

func TestThresholdMistakes(t *testing.T) {
	t.Parallel()
	one := Predictions{Classes: []string{"no", "yes"}, Items: []stage.Prediction{{Probabilities: []float64{0.4, 0.6}}}}
	if _, err := (Threshold{Best: "f1"}).Fit(one); err == nil || !strings.Contains(err.Error(), "one of the classes does not occur") {
		t.Errorf("got %v", err)
	}
	if err := (Threshold{}).Fits([]string{"a", "b", "c"}); err == nil || !strings.Contains(err.Error(), "there are 3") {
		t.Errorf("got %v", err)
	}
}
