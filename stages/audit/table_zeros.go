package audit

import (
	"fmt"
	"strings"
)

// Spreadsheets take an id such as 00123 for a number, and drop its zeros: a table of labels that
// went through one does not fit the headers of the files any more.

// withoutZeros matches what is left of an id then.
const withoutZeros = "^0*(.+)$"

func trimmed(cell string) string { return strings.TrimLeft(number(cell), "0") }

// lostZeros says whether the rows of another table have keys of this one's column without the
// zeros that they begin with, and how many rows here find a partner so. Two ids that differ in
// zeros alone may be two patients: there are none then.
func (t table) lostZeros(column string, more table, theirs string) (met int) {
	known, here := map[string]bool{}, map[string]string{}
	for _, r := range more.rows {
		if cell := number(r.cell(theirs)); cell == trimmed(cell) {
			known[cell] = cell != ""
		}
	}
	dropped := false
	for _, r := range t.rows {
		cell := number(r.cell(column))
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

// hint says how a join might find its partners.
func (j Join) hint(t, more table) string {
	if len(j.On) == 1 && t.lostZeros(j.On[0], more, j.keys()[0]) > 0 {
		return fmt.Sprintf("there ids have lost the zeros that they begin with, as in a spreadsheet: extract: {short_id: {from: %s, match: '%s'}}, and in the join on: [short_id], theirs: [%s]", j.On[0], withoutZeros, j.keys()[0])
	}
	return "name other columns in on and theirs, or make them equal with extract"
}
