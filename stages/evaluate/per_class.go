package evaluate

import "vertebra/stages/stage"

func init() {
	Metrics.Add("per_class", "a table of precision, recall, F1 and case count for each class", PerClass{})
}

// PerClass is scikit-learn's precision_recall_fscore_support.
type PerClass struct{}

// Scalars is empty: it is a table only.
func (PerClass) Scalars() []stage.Scalar { return nil }

// Values is empty, as Scalars.
func (PerClass) Values(Predictions) []float64 { return nil }

// Show fills the table.
func (PerClass) Show(p Predictions) Result {
	t := stage.Table{Name: "per_class", Title: "Each class", Columns: []string{"class", "precision", "recall", "F1", "specificity", "cases", "predicted"}}
	for i, c := range p.perClass() {
		t.Rows = append(t.Rows, []any{p.Classes[i], c.precision, c.recall, c.f1, c.specificity, int(c.support), int(c.predicted)})
	}
	return Result{Tables: []stage.Table{t}}
}

// ShowTargets scores the positive class of each target where there are two classes,
// and each class of all targets together where there are more.
func (m PerClass) ShowTargets(p Predictions, targets []Target) Result {
	class, name, binary := positive(p)
	if !p.shared(targets) {
		return m.ownTargets(p, targets)
	}
	if !binary {
		return m.Show(p).together(p.averageOver)
	}
	t := targetTable("per_class", "How "+name+" is found", p.averageOver, "cases of "+name, "predicted", "precision", "recall", "F1", "specificity")
	for _, of := range targets {
		c := of.found(class)
		t.Rows = append(t.Rows, []any{of.Name, len(of.Items), int(c.support), int(c.predicted), c.precision, c.recall, c.f1, c.specificity})
	}
	return Result{Tables: []stage.Table{withMeans(t, 4)}}
}

// ownTargets scores the classes of each target among its own.
func (PerClass) ownTargets(p Predictions, targets []Target) Result {
	t := targetTable("per_class", "How each class is found", p.averageOver, "class", "of the class", "predicted", "precision", "recall", "F1", "specificity")
	eachClass(targets, func(of Target, class int) {
		c := of.found(class)
		t.Rows = append(t.Rows, []any{of.Name, len(of.Items), of.Classes[class], int(c.support), int(c.predicted), c.precision, c.recall, c.f1, c.specificity})
	})
	return Result{Tables: []stage.Table{withMeans(t, 5)}}
}

// classScores are those of one class against all others.
type classScores struct{ precision, recall, f1, specificity, support, predicted float64 }

// perClass scores each class. Where a class is never predicted its precision is
// 0, where it never occurs its recall is 0, where it alone occurs its
// specificity is 0, as scikit-learn's zero_division=0.
func (p Predictions) perClass() []classScores {
	return once(p.sums, scoresKey{}, func() []classScores { return scoreClasses(p.counts(), p.total()) })
}

func scoreClasses(counts [][]float64, total float64) []classScores {
	out := make([]classScores, len(counts))
	for i := range counts {
		c := &out[i]
		for j := range counts {
			c.support += counts[i][j]
			c.predicted += counts[j][i]
		}
		c.precision = ratio(counts[i][i], c.predicted)
		c.recall = ratio(counts[i][i], c.support)
		c.f1 = ratio(2*counts[i][i], c.support+c.predicted)
		others := total - c.support
		c.specificity = ratio(others-(c.predicted-counts[i][i]), others)
	}
	return out
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
