package draft

import (
	"fmt"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/table"
)

// guessPatient finds a part of a column's cells that most of them have, and that comes again.
func guessPatient(t table.Sheet, column string) (audit.Extract, bool) {
	var cells []string
	for _, r := range t.Rows {
		cells = append(cells, r.Cell(column))
	}
	for _, expression := range append(slices.Clone(naming.Persons), naming.Beginnings) {
		times, matched, again := naming.Times(cells, expression)
		enough := 10*matched >= 9*len(t.Rows) && len(times) > 2 && again > 0
		if expression == naming.Beginnings {
			enough = enough && 2*again > len(t.Rows) && len(times) > 9
		}
		if enough {
			return audit.Extract{From: column, Match: expression.String()}, true
		}
	}
	return audit.Extract{}, false
}

// patientName is what a column of patients is called that is added.
func patientName(t table.Sheet) string {
	name := "patient"
	for n := 2; t.Has(name); n++ {
		name = fmt.Sprintf("patient_%d", n)
	}
	return name
}
