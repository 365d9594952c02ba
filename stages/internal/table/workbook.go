package table

import (
	"bytes"
	"encoding/csv"
	"slices"

	"vertebra/stages/internal/xlsx"
)

// fromWorkbook writes the first sheet of an Excel workbook as a table with commas, so that its
// lines are the rows of the sheet. Sheets leave out empty cells at the end of a row.
func fromWorkbook(data []byte) ([]byte, error) {
	rows, err := xlsx.Rows(data)
	if err != nil {
		return nil, err
	}
	full := func(cell string) bool { return cell != "" }
	width := 0
	for _, row := range rows {
		for i, cell := range slices.Backward(row) {
			if cell != "" {
				width = max(width, i+1)
				break
			}
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, row := range rows {
		if !slices.ContainsFunc(row, full) {
			w.Flush()
			b.WriteByte('\n')
			continue
		}
		cells := make([]string, width)
		for i, cell := range row[:min(len(row), width)] {
			cells[i] = onOneLine(cell)
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// tableText is the content of a table as text, and what separates its cells: of a workbook
// commas, of a file of text what its first line has most of. above is how many lines stand
// before.
func tableText(data []byte, columns int) (rows []byte, comma rune, above int, err error) {
	if xlsx.Is(data) {
		rows, err = fromWorkbook(data)
		return rows, ',', 0, err
	}
	data, err = plainText(data)
	if err != nil {
		return nil, 0, 0, err
	}
	comma, rows = separator(data, columns)
	return rows, comma, bytes.Count(data[:len(data)-len(rows)], []byte("\n")), nil
}
