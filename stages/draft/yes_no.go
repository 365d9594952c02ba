package draft

import (
	"slices"
	"strings"

	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/table"
)

// sayYes lists columns whose cells say yes or no, and maybe −1 for nobody knows.
func sayYes(t table.Sheet, missing, not []string) (out []string) {
	for _, name := range t.Columns {
		yes, other := 0, 0
		for _, r := range t.Rows {
			switch cell := r.Cell(name); {
			case naming.SaysYes(cell):
				yes++
			case cell == "" || slices.Contains(missing, cell) || table.Number(cell) == "-1" || slices.Contains([]string{"0", "no", "false", "n", "f"}, strings.ToLower(table.Number(cell))):
				other++
			default:
				other = -len(t.Rows) - 1
			}
		}
		if yes > 0 && other > 0 && !slices.Contains(not, name) {
			out = append(out, name)
		}
	}
	return out
}

// oneOf says whether of columns that say yes or no a row has one yes, and takes them for the
// classes.
func (t *tableDraft) oneOf(rows table.Sheet, said []string) bool {
	one := 0
	for _, r := range rows.Rows {
		n := 0
		for _, column := range said {
			if naming.SaysYes(r.Cell(column)) {
				n++
			}
		}
		if n == 1 {
			one++
		}
	}
	if len(said) < 3 || 100*one < 99*len(rows.Rows) {
		return false
	}
	t.Labels, t.OneHot = said, true
	return true
}

// unsure says whether columns that say yes or no also say −1, as CheXpert's do for what a
// report leaves open, and takes them for labels: −1 is missing, and an empty cell a no.
func (t *tableDraft) unsure(rows table.Sheet, said []string) bool {
	words, blank := map[string]string{}, false
	for _, r := range rows.Rows {
		for _, column := range said {
			cell := r.Cell(column)
			words[table.Number(cell)] = cell
			blank = blank || cell == ""
		}
	}
	if len(said) < 2 || words["-1"] == "" || words["0"] == "" || words["1"] == "" {
		return false
	}
	t.Labels, t.Classes = said, []string{words["0"], words["1"]}
	t.Missing = []string{words["-1"]}
	if blank {
		t.Blank = words["0"]
	}
	return true
}
