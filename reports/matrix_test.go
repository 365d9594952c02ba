package reports

import (
	"testing"

	"vertebra/stages/stage"
)

// TestMatrixWidth: a confusion matrix takes two places of the page before its last class is
// cut off, also where names of classes are shorter than what stands above them.
func TestMatrixWidth(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{2: "", 4: "", 5: "mid", 9: "mid", 20: "wide"} {
		m := stage.Matrix{Name: "confusion", RowsTitle: "true class", Values: make([][]float64, n)}
		for i := range n {
			m.Rows, m.Values[i] = append(m.Rows, string(rune('a'+i))), make([]float64, n)
		}
		m.Columns = m.Rows
		if got := newMatrix(m).Span; got != want {
			t.Errorf("%d classes: got %q, want %q", n, got, want)
		}
	}
}
