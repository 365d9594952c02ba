package evaluate

import (
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// TestPositiveClassByName: any class may be the positive one, as in scikit-learn's
// scores of each class; a class that there is not gets the nearest word.
func TestPositiveClassByName(t *testing.T) {
	t.Parallel()
	for _, c := range readReference(t).General {
		p := c.predictions()
		for i, name := range p.Classes {
			got, want := (PositiveClass{name}).Values(p), c.PerClass[i] // precision, recall, F1, support, specificity
			occurs := want[3] > 0
			if !near(got[0], want[0]) || occurs && (!near(got[1], want[1]) || !near(got[3], want[2])) || !near(got[4], orNaN(c.Precision[i])) {
				t.Errorf("%s, %s: got %v, scikit-learn has %v, average precision %v", c.Name, name, got, want, orNaN(c.Precision[i]))
			}
		}
	}
	err := PositiveClass{"sever"}.Accept(Predictions{Classes: classes})
	if fault, ok := err.(stage.Fault); !ok || !strings.Contains(fault.Hint, "severe") {
		t.Errorf("got %v", err)
	}
}

// TestFindingsAreMeasured: unasked only where there are several questions of two
// answers, and numbers of both answers are asked for.
func TestFindingsAreMeasured(t *testing.T) {
	t.Parallel()
	f1, auroc := registry.One[Metric]{Name: "f1", Part: F1{macro}}, registry.One[Metric]{Name: "auroc", Part: AUROC{}}
	one := findings(20, 2)
	one = slices.DeleteFunc(one, func(p stage.Prediction) bool { return p.Tags[stage.TargetTag] != "finding 1" })
	for _, c := range []struct {
		what    string
		metric  registry.One[Metric]
		classes []string
		items   []stage.Prediction
		want    bool
	}{
		{"several questions", f1, answers, findings(20, 2), true},
		{"three answers", f1, classes, findings(20, 3), false},
		{"one question", f1, answers, one, false},
		{"not asked for", auroc, answers, findings(20, 2), false},
	} {
		cfg := Config{AverageOver: stage.TargetTag, Metrics: []registry.One[Metric]{c.metric}}
		all := strings.Join(ran(t, stage.Env{}, cfg, c.classes, c.items), "\n")
		if got := strings.Contains(all, `Name:"positive_f1"`); got != c.want {
			t.Errorf("%s: positive_f1 is there: %v, want %v", c.what, got, c.want)
		}
	}
}
