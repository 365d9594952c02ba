package evaluate

import (
	"fmt"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("confusion", "how often each class is taken for each other, as counts and as shares of the true class", Confusion{})
}

// Confusion is scikit-learn's confusion_matrix, rows the true class.
type Confusion struct{}

// Scalars is empty: it is two matrices only.
func (Confusion) Scalars() []stage.Scalar { return nil }

// Values is empty, as Scalars.
func (Confusion) Values(Predictions) []float64 { return nil }

// Show counts.
func (Confusion) Show(p Predictions) Result {
	counts := p.counts()
	shares := make([][]float64, len(counts))
	for i, row := range counts {
		sum := 0.0
		for _, v := range row {
			sum += v
		}
		for _, v := range row {
			shares[i] = append(shares[i], ratio(v, sum))
		}
	}
	matrix := func(name, title string, v [][]float64) stage.Matrix {
		return stage.Matrix{Name: name, Title: title, RowsTitle: "true class", ColumnTitle: "predicted class", Rows: p.Classes, Columns: p.Classes, Values: v}
	}
	return Result{Matrices: []stage.Matrix{
		matrix("confusion", "Confusion matrix", counts),
		matrix("confusion_shares", "Confusion matrix, shares of each true class", shares),
	}}
}

// ShowTargets counts all targets together. Of two classes each target is a row of a
// table, of some more its matrix of shares is under that of the one before: 14 single
// matrices are more than a reader looks at.
func (m Confusion) ShowTargets(p Predictions, targets []Target) Result {
	r := m.Show(p)
	switch k := len(p.Classes); {
	case !p.shared(targets): // all together, each target has its own rows and columns
	case k == 2:
		r.Tables = []stage.Table{confusionTable(p, targets)}
	case k <= mostAreas && k*len(targets) <= mostRows:
		r.Matrices = append(r.Matrices, confusionStack(p, targets))
	}
	return r
}

func confusionTable(p Predictions, targets []Target) stage.Table {
	t := stage.Table{Name: "confusion_by_target", Title: "Confusion: true class → predicted class, by " + p.averageOver, Columns: []string{p.averageOver}}
	for _, is := range p.Classes {
		for _, taken := range p.Classes {
			t.Columns = append(t.Columns, fmt.Sprintf("%s → %s", is, taken))
		}
	}
	for _, of := range targets {
		row := []any{of.Name}
		for _, counts := range of.counts() {
			for _, n := range counts {
				row = append(row, int(n))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func confusionStack(p Predictions, targets []Target) stage.Matrix {
	m := stage.Matrix{Name: "confusion_by_target", Title: "Confusion by " + p.averageOver + ", shares of each true class",
		RowsTitle: "true class", ColumnTitle: "predicted class", Columns: p.Classes}
	for _, of := range targets {
		shares := Confusion{}.Show(of.Predictions).Matrices[1].Values
		for class, c := range of.perClass() {
			if c.support > 0 {
				m.Rows, m.Values = append(m.Rows, of.Name+": "+p.Classes[class]), append(m.Values, shares[class])
			}
		}
	}
	return m
}
