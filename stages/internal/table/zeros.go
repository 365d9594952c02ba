package table

import "strings"

// Spreadsheets take an id such as 00123 for a number, and drop its zeros: a table of labels that
// went through one does not fit the headers of the files any more.

// WithoutZeros matches what is left of an id then.
const WithoutZeros = "^0*(.+)$"

func trimmed(cell string) string { return strings.TrimLeft(Number(cell), "0") }

// LostZeros says whether the rows of another table have keys of this one's column without the
// zeros that they begin with, and how many rows here find a partner so. Two ids that differ in
// zeros alone may be two patients: there are none then.
func (t Sheet) LostZeros(column string, more Sheet, theirs string) (met int) {
	known, here := map[string]bool{}, map[string]string{}
	for _, r := range more.Rows {
		if cell := Number(r.Cell(theirs)); cell == trimmed(cell) {
			known[cell] = cell != ""
		}
	}
	dropped := false
	for _, r := range t.Rows {
		cell := Number(r.Cell(column))
		short := trimmed(cell)
		if before, is := here[short]; is && before != cell {
			return 0
		}
		here[short] = cell
		if known[short] {
			met++
			dropped = dropped || short != cell
		}
	}
	if !dropped {
		return 0
	}
	return met
}
