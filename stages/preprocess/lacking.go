package preprocess

import (
	"fmt"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func pointed(m stage.Mark) bool { return m.Point != nil }

// Lacking finds steps that no case has what they need for: a labelled point, or a series
// of slices. Paths begin below preprocess.
func Lacking(cfg Config, cases audit.Cases) (out []registry.FieldProblem) {
	pictures := cases.Pictures().Cases
	none := func(has func(stage.Case) bool) bool { return !slices.ContainsFunc(pictures, has) }
	for i, step := range cfg {
		path, n := fmt.Sprintf("%d.%s", i, step.Name), needs(step.Part)
		switch {
		case n.Point && none(func(c stage.Case) bool { return c.Point != nil || slices.ContainsFunc(c.Marks, pointed) }):
			out = append(out, registry.FieldProblem{Path: path, Text: "no case has a labelled point",
				Hint: "crop around: centre, or leave crop out of preprocess to use whole images; of a table, x and y name the columns of points"})
		case n.Neighbours && none(func(c stage.Case) bool { return !alone(c) }):
			out = append(out, registry.FieldProblem{Path: path, Text: "no image is a slice of a series",
				Hint: "leave stack out of preprocess; in a table, a folder or the column of data.source.table.series makes images slices of one"})
		}
	}
	return out
}
