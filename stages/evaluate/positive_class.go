package evaluate

import (
	"fmt"
	"math"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("positive_class", "precision, recall, specificity, F1 and average precision of one class alone, such as yes of yes and no: what is asked of a finding; measured unasked at the end where several questions have two answers and precision, recall or f1 is", PositiveClass{})
}

// PositiveClass gives scikit-learn's precision_score, recall_score and f1_score (of
// average binary) and average_precision_score of one class against the rest. With
// several targets each is the mean over them, as scikit-learn's macro average of
// multilabel indicators. A class that is never predicted has precision 0. What has
// no case to be measured on is NaN (zero_division is NaN): recall without a case
// of the class, specificity without another, F1 where it is not predicted either.
// The AUROC of one class of two is that of the other: see AUROC.
type PositiveClass struct {
	Class string `help:"the class; empty takes the last one"`
}

// Scalars are the five numbers.
func (PositiveClass) Scalars() []stage.Scalar {
	names := [][2]string{
		{"precision", "precision"}, {"recall", "recall"}, {"specificity", "specificity"}, {"f1", "F1"}, {"average_precision", "average precision"},
	}
	out := make([]stage.Scalar, len(names))
	for i, n := range names {
		out[i] = stage.Scalar{Name: "positive_" + n[0], Title: "Positive " + n[1], Better: stage.HigherBetter}
	}
	return out
}

// ofFindings adds the numbers of the positive class to those of several questions of
// two answers.
func ofFindings(cfg Config, classes []string) []registry.One[Metric] {
	all, asked := parts(cfg), false
	for _, m := range all {
		switch m.Part.(type) {
		case PositiveClass:
			return all
		case Precision, Recall, F1:
			asked = true
		}
	}
	if len(classes) != 2 || !asked {
		return all
	}
	return append(all, registry.One[Metric]{Name: "positive_class", Part: PositiveClass{}})
}

// Accept wants the class.
func (m PositiveClass) Accept(p Predictions) error {
	if m.Class == "" || slices.Contains(p.Classes, m.Class) {
		return nil
	}
	return stage.Fault{Err: fmt.Errorf("there is no class %q", m.Class), Hint: registry.Suggest(m.Class, p.Classes)}
}

// class is the place of the class; -1 of a target that does not have it.
func (m PositiveClass) class(p Predictions) int {
	if m.Class == "" {
		return len(p.Classes) - 1
	}
	return slices.Index(p.Classes, m.Class)
}

// Values are those of the class.
func (m PositiveClass) Values(p Predictions) []float64 {
	class := m.class(p)
	if class < 0 { // of a target that does not have it
		return slices.Repeat([]float64{math.NaN()}, len(m.Scalars()))
	}
	c := p.found(class)
	return []float64{c.precision, c.recall, c.specificity, c.f1, p.areas(class).precision}
}

// found scores one class as PositiveClass does.
func (p Predictions) found(class int) classScores {
	c := p.perClass()[class]
	if c.support == 0 {
		c.recall = math.NaN()
	}
	if c.support+c.predicted == 0 {
		c.f1 = math.NaN()
	}
	if c.support == p.total() {
		c.specificity = math.NaN()
	}
	return c
}

// Show says why a number does not exist.
func (m PositiveClass) Show(p Predictions) (r Result) {
	c := m.class(p)
	if c < 0 {
		return Result{Notes: []string{"there is no class " + m.Class}}
	}
	switch p.perClass()[c].support {
	case 0:
		r.Notes = []string{fmt.Sprintf("no case is %s, so there is nothing to find", p.Classes[c])}
	case p.total():
		r.Notes = []string{fmt.Sprintf("every case is %s, so there is nothing to tell it from", p.Classes[c])}
	}
	return r
}
