package evaluate

import (
	"fmt"

	"vertebra/stages/stage"
)

// Records are the comparison as shapes: the verdict of each pair, all numbers,
// the flips, and the confusion matrices of both with their difference. Remarks
// are events.
func (c Comparison) Records() []stage.Record {
	const section = "comparison"
	verdicts := stage.Table{Name: "verdicts", Title: fmt.Sprintf("Verdict over %d cases of %d %s, %s split", c.Cases, c.Groups, c.Draw, c.Split), Section: section,
		Columns: []string{"run", "against", "metric", "value", "before", "difference", "p, corrected", "verdict"}}
	var out []stage.Record
	for i, pair := range c.Pairs {
		d := pair.Primary
		verdicts.Rows = append(verdicts.Rows, []any{pair.B, pair.A, d.Scalar.Title, d.B, d.A, d.Estimate, d.Corrected, d.Verdict})
		between := pair.B + " against " + pair.A
		out = append(out, numbersTable(pair, section, between))
		for _, t := range pair.Flips.Tables() {
			t.Section, t.Title = section, t.Title+": "+between
			out = append(out, t)
		}
		matrices := confusions(pair, section, between)
		if i > 0 {
			matrices = matrices[1:] // of the run that all are held against, which is there already
		}
		out = append(out, matrices...)
	}
	out = append([]stage.Record{verdicts}, out...)
	for _, r := range c.Remarks {
		level := "info"
		if r.Serious {
			level = "warning"
		}
		out = append(out, stage.Event{Level: level, Stage: "compare", Text: r.Text})
	}
	return out
}

func numbersTable(pair Pair, section, between string) stage.Table {
	t := stage.Table{Name: "differences", Title: "All numbers: " + between, Section: section,
		Columns: []string{"metric", pair.A, pair.B, "difference", "p", "p, corrected", "verdict"},
		Note:    "p is corrected with what the numbers have in common (Westfall and Young's step-down over the resamples): that of " + pair.Primary.Scalar.Title + ", which decides, for the number of comparisons, those of all others together"}
	for _, d := range pair.All {
		t.Rows = append(t.Rows, []any{d.Scalar.Title, d.A, d.B, d.Estimate, d.P, d.Corrected, d.Verdict})
	}
	return t
}

func confusions(pair Pair, section, between string) []stage.Record {
	f := pair.Flips
	less := square(len(f.Classes))
	for i := range less {
		for j := range less {
			less[i][j] = f.B[i][j] - f.A[i][j]
		}
	}
	matrix := func(name, title string, values [][]float64) stage.Record {
		return stage.Matrix{Name: name, Title: title, Section: section, RowsTitle: "true class", ColumnTitle: "predicted class",
			Rows: f.Classes, Columns: f.Classes, Values: values}
	}
	return []stage.Record{
		matrix("confusion_before", "Confusion matrix of "+pair.A, f.A),
		matrix("confusion_now", "Confusion matrix of "+pair.B, f.B),
		matrix("confusion_difference", "Difference of the confusion matrices: "+between, less),
	}
}
