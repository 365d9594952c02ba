package evaluate

import (
	"fmt"
	"math"

	"vertebra/stages/stage"
)

// Agreement says how alike two nets are. Nets that err on the same cases gain little by
// being blended.
type Agreement struct {
	A, B      int     // their places
	Differ    float64 // share of cases that they take for different classes
	Kappa     float64 // Cohen's, of their classes
	Errors    float64 // correlation of being wrong (phi); NaN where one of them never is, or always
	BothWrong float64 // share of cases, the double fault
}

// Agreements compares all pairs of nets over the same cases, in one order, by measures
// of Kuncheva and Whitaker 2003 ("Measures of diversity in classifier ensembles").
func Agreements(classes []string, members [][]stage.Prediction) (out []Agreement) {
	for a := range members {
		for b := a + 1; b < len(members); b++ {
			agreement := agreementOf(len(classes), members[a], members[b])
			agreement.A, agreement.B = a, b
			out = append(out, agreement)
		}
	}
	return out
}

func agreementOf(classes int, a, b []stage.Prediction) (out Agreement) {
	counts := square(classes) // [class of a][class of b]
	n, wrongA, wrongB, both := float64(len(a)), 0.0, 0.0, 0.0
	for i, item := range a {
		inA, inB := largest(item.Probabilities), largest(b[i].Probabilities)
		counts[inA][inB]++
		wrongA += indicator(inA != item.Label) / n
		wrongB += indicator(inB != item.Label) / n
		both += indicator(inA != item.Label && inB != item.Label) / n
	}
	same, chance := 0.0, 0.0
	for i := range counts {
		row, column := 0.0, 0.0
		for j := range counts {
			row += counts[i][j] / n
			column += counts[j][i] / n
		}
		same += counts[i][i] / n
		chance += row * column
	}
	return Agreement{Differ: 1 - same, Kappa: (same - chance) / (1 - chance), BothWrong: both,
		Errors: (both - wrongA*wrongB) / math.Sqrt(wrongA*(1-wrongA)*wrongB*(1-wrongB))}
}

func indicator(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// AgreementRecords are the table of pairs, if there are any, and of three or more nets the
// matrix of their errors' correlations.
func AgreementRecords(names []string, of []Agreement, split stage.Split) []stage.Record {
	const note = "correlation of errors: of being wrong (phi); the nearer to 1, the less is gained by blending the two"
	t := stage.Table{Name: "agreement", Title: fmt.Sprintf("How alike the members are, %s", split), Section: "ensemble",
		Columns: []string{"member", "and", "other class", "kappa", "correlation of errors", "both wrong"}, Note: note}
	m := stage.Matrix{Name: "error_correlation", Title: fmt.Sprintf("Correlation of the members' errors, %s", split), Section: "ensemble",
		RowsTitle: "member", ColumnTitle: "member", Rows: names, Columns: names, Values: square(len(names))}
	for i := range names {
		m.Values[i][i] = 1
	}
	for _, a := range of {
		t.Rows = append(t.Rows, []any{names[a.A], names[a.B], a.Differ, a.Kappa, a.Errors, a.BothWrong})
		m.Values[a.A][a.B], m.Values[a.B][a.A] = a.Errors, a.Errors
	}
	switch {
	case len(of) == 0:
		return nil
	case len(names) < 3:
		return []stage.Record{t}
	}
	return []stage.Record{t, m}
}
