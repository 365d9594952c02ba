package audit

import (
	"slices"
	"strconv"

	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// label is the class of a row, and whether it has a point.
type label struct {
	class int
	used  bool

	study, condition, level string // of a row of an unlabelled part
}

// column is a column of train.csv that holds labels.
type column struct{ name, condition, level string }

// readLabels melts the wide table of severities.
func (j *join) readLabels(t table.Sheet) error {
	columns, err := j.columns(t)
	if err != nil {
		return err
	}
	j.labels, j.found.Cases = make(map[string]*label, len(t.Rows)*len(columns)), make([]stage.Case, 0, len(t.Rows)*len(columns))
	seen := map[string]bool{}
	for _, row := range t.Rows {
		study, labelled := table.Number(row.Cell("study_id")), 0
		for _, c := range columns {
			if j.label(study, study+"_"+c.condition+"_"+c.level, row.Cell(c.name), seen[study]) {
				labelled++
			}
		}
		if seen[study] = true; labelled > 0 {
			j.found.Labelled[study] += labelled
		}
	}
	return nil
}

// columns finds the wanted labels' columns, however they are spelt.
func (j *join) columns(t table.Sheet) ([]column, error) {
	names := map[string]string{}
	for _, name := range t.Columns {
		names[normal(name)] = name
	}
	delete(names, "study_id")
	var found []column
	var missing []string
	for _, condition := range rsnaConditions {
		for _, level := range rsnaLevels {
			name, ok := names[condition+"_"+level]
			delete(names, condition+"_"+level)
			switch {
			case !j.rsna.wanted(condition, level):
			case ok:
				found = append(found, column{name, condition, level})
			default:
				missing = append(missing, condition+"_"+level)
			}
		}
	}
	for _, name := range names {
		j.reports.add("unknown_column", name, "")
	}
	return found, t.Require(j.rsna.path("train.csv"), missing)
}

// label keeps the class of a cell; false where it has none.
func (j *join) label(study, id, cell string, twice bool) bool {
	if rule := j.request.Drops(study, "", id); rule != "" {
		j.reports.add(rule, id, "")
		return false
	}
	class := slices.Index(rsnaClasses, j.normal(cell))
	switch {
	case twice:
		j.reports.again("duplicate_study", id, "")
	case cell == "":
		j.reports.add("empty_label", id, "")
	case class < 0:
		j.reports.add("unknown_label", id, strconv.Quote(cell)+" is none of Normal/Mild, Moderate, Severe")
	default:
		j.labels[id] = &label{class: class}
		return true
	}
	return false
}
