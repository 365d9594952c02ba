package reports

import (
	"math"
	"slices"
	"unicode/utf8"

	"vertebra/results"
	"vertebra/stages/stage"
)

// matrixSide is how many rows and columns of a matrix are shown.
const matrixSide = 60

// matrixView is a heat map: an HTML table, so that its numbers can be read
// aloud, copied and scrolled.
type matrixView struct {
	ID          string
	Title       string
	RowsTitle   string
	ColumnTitle string
	Columns     []string
	Rows        []matrixRow
	Note        string
	Span        string // see spanOf
}

type matrixRow struct {
	Title string
	Cells []heatCell
}

type heatCell struct {
	Text  string
	Share string  // of the row, of a table of counts
	Level float64 // 0 to 1: how strong the colour is
	Dark  bool    // the colour is so strong that the text must change
	Below bool    // a negative number has the other colour
	Link  string  // to pictures of these cases
}

// hot is the level from which text on the heat colour must change its colour.
// Both themes keep a contrast of at least 4.5 on either side of it.
const hot = 0.73

func newMatrix(m stage.Matrix) *matrixView {
	v := &matrixView{Title: m.Title, RowsTitle: m.RowsTitle, ColumnTitle: m.ColumnTitle,
		Columns: m.Columns, Span: spanOf(matrixWidth(m))}
	if v.Title == "" {
		v.Title = m.Name
	}
	if len(v.Columns) > matrixSide || len(m.Values) > matrixSide {
		v.Note = "only a part is shown; the database has all of it"
		v.Columns = v.Columns[:min(len(v.Columns), matrixSide)]
		m.Values = m.Values[:min(len(m.Values), matrixSide)]
	}
	counts := isCounts(m)
	largest := largestOf(m.Values)
	if counts {
		v.Note = "shade: share of the row"
	}
	for r, values := range m.Values {
		row := matrixRow{}
		if r < len(m.Rows) {
			row.Title = m.Rows[r]
		}
		values = values[:min(len(values), matrixSide)]
		if counts {
			row.Cells = countCells(values)
		} else {
			row.Cells = heatCells(values, largest)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// link makes cells lead to the galleries of their cases.
func (v *matrixView) link(galleries map[stage.Cell]string) {
	for r := range v.Rows {
		for c := range min(len(v.Rows[r].Cells), len(v.Columns)) {
			v.Rows[r].Cells[c].Link = galleries[stage.Cell{Matrix: v.Title, Row: v.Rows[r].Title, Column: v.Columns[c]}]
		}
	}
}

// matrixWidth is about how many letters wide the drawn matrix is. The names of rows stand
// below what they are all called, such as true class.
func matrixWidth(m stage.Matrix) int {
	width := longest(append([]string{m.RowsTitle}, m.Rows...)) + 2
	for _, c := range m.Columns {
		width += max(9, utf8.RuneCountInString(c)+2)
	}
	return width
}

// isCounts says whether the matrix counts things by the same names in rows and
// columns, as a confusion matrix does. Then a row is read as a whole.
func isCounts(m stage.Matrix) bool {
	if len(m.Rows) == 0 || !slices.Equal(m.Rows, m.Columns) {
		return false
	}
	large := false
	for _, row := range m.Values {
		for _, v := range row {
			if !(v >= 0) || v != math.Trunc(v) || math.IsInf(v, 0) {
				return false
			}
			large = large || v > 1
		}
	}
	return large // a matrix of zeros and ones is no count
}

// repeated says whether a matrix holds no more than the shares of the rows of a matrix
// of counts, which is drawn with them.
func repeated(m stage.Matrix, rec *results.RunRecord) bool {
	return slices.ContainsFunc(results.Shape[stage.Matrix](rec), func(counts stage.Matrix) bool {
		if !isCounts(counts) || !slices.Equal(counts.Rows, m.Rows) || !slices.Equal(counts.Columns, m.Columns) || len(counts.Values) != len(m.Values) {
			return false
		}
		for r, row := range counts.Values {
			sum := 0.0
			for _, v := range row {
				sum += v
			}
			for c, v := range row {
				if share := v / max(sum, 1); c >= len(m.Values[r]) || math.Abs(m.Values[r][c]-share) > 1e-9 {
					return false
				}
			}
		}
		return true
	})
}

// fewColumns is up to how many columns cells without cases say their share too; in larger
// matrices those are most cells, and hide the others.
const fewColumns = 10

func countCells(values []float64) []heatCell {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	var cells []heatCell
	for _, v := range values {
		c := heatCell{Text: count(v)}
		if sum > 0 {
			c.shade(v / sum)
		}
		if sum > 0 && (v > 0 || len(values) <= fewColumns) {
			c.Share = share(int(v), int(sum))
		}
		cells = append(cells, c)
	}
	return cells
}

func heatCells(values []float64, largest float64) []heatCell {
	var cells []heatCell
	for _, v := range values {
		c := heatCell{Text: shareOrCount(v, largest), Below: v < 0}
		if largest > 0 && !math.IsNaN(v) {
			c.shade(math.Min(1, math.Abs(v)/largest))
		}
		cells = append(cells, c)
	}
	return cells
}

// shareOrCount writes shares of one with three decimals, so that they stand below each
// other.
func shareOrCount(v, largest float64) string {
	if largest <= 1 && v != math.Trunc(v) {
		return withDecimals(v, 3)
	}
	return count(v)
}

func (c *heatCell) shade(level float64) {
	c.Level = math.Round(level*100) / 100
	c.Dark = c.Level >= hot
}

// largestOf gives the largest finite size of a number.
func largestOf(rows [][]float64) float64 {
	largest := 0.0
	for _, row := range rows {
		for _, v := range row {
			if a := math.Abs(v); a > largest && !math.IsInf(a, 0) {
				largest = a
			}
		}
	}
	return largest
}
