package validate

import (
	"slices"

	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Mix is who is in the other data, of which record was made, beside who was in each split of the run;
// ok is false of a package, which does not say that, and of an older run.
func (v Validation) Mix(record *results.RunRecord) (t stage.Table, ok bool) {
	stored, is := v.run.(finished.Stored)
	if !is {
		return t, false
	}
	own, here := characteristicsOf(stored.Record), characteristicsOf(record)
	if own.Rows == nil || here.Rows == nil {
		return t, false
	}
	return mixed(here, own), true
}

func characteristicsOf(record *results.RunRecord) stage.Table {
	all := results.Shape[stage.Table](record)
	if at := slices.IndexFunc(all, func(t stage.Table) bool { return t.Name == audit.CharacteristicsTable }); at >= 0 {
		return all[at]
	}
	return stage.Table{}
}

// mixed puts the columns of both tables side by side, by characteristic.
func mixed(here, own stage.Table) stage.Table {
	splits := slices.DeleteFunc(slices.Clone(own.Columns[2:]), func(c string) bool { return c == audit.LargestDifference })
	t := stage.Table{Name: "case_mix", Title: "Who is here, and who was in the run", Section: "external", Columns: []string{here.Columns[0], here.Columns[1], "here"}}
	for _, split := range splits {
		t.Columns = append(t.Columns, "the run, "+split)
	}
	named := func(rows [][]any, name any) int {
		return slices.IndexFunc(rows, func(row []any) bool { return row[0] == name })
	}
	for _, row := range here.Rows {
		out := append(slices.Clone(row[:3]), slices.Repeat([]any{""}, len(splits))...)
		if at := named(own.Rows, row[0]); at >= 0 {
			copy(out[3:], own.Rows[at][2:2+len(splits)])
		}
		t.Rows = append(t.Rows, out)
	}
	for _, row := range own.Rows {
		if named(here.Rows, row[0]) < 0 {
			t.Rows = append(t.Rows, append([]any{row[0], row[1], ""}, row[2:2+len(splits)]...))
		}
	}
	return t
}
