package reports

import (
	"vertebra/results"
	"vertebra/stages/diagnosis"
	"vertebra/stages/stage"
)

// diagnosisTable says what the numbers of a run mean; nil where no rule found
// anything.
func diagnosisTable(rec *results.RunRecord) *tableView {
	found := diagnosis.Of(diagnosis.Run{Scalars: rec.Scalars, Matrices: results.Shape[stage.Matrix](rec)})
	if len(found) == 0 {
		return nil
	}
	t := stage.Table{Title: "Diagnosis", Columns: []string{"finding", "numbers", "shown by", "try"}}
	for _, f := range found {
		t.Rows = append(t.Rows, []any{f.Name, f.Text, f.Figure, f.Try})
	}
	return newTable(t)
}
