package diagnosis

import (
	"fmt"

	"vertebra/stages/stage"
)

// worseForSome reads which subgroups are surely worse off than the rest, after correction for
// all comparisons. The first row is the least likely to be chance.
func worseForSome(r Run) *Finding {
	for _, t := range r.Tables {
		if t.Name != "subgroup_gaps" {
			continue
		}
		for _, row := range t.Rows {
			if len(row) < 11 || row[10] != "worse" {
				continue
			}
			d, _ := row[7].(stage.Estimate)
			return &Finding{"worse for a subgroup",
				fmt.Sprintf("Where %v is %v, %v is %.3f, and %.3f elsewhere: a difference of %.3f (%.3f to %.3f), surely none of chance (%s).",
					row[0], row[1], row[4], row[5], row[6], d.Value, d.Low, d.High, t.Title),
				t.Name, "look at its pictures and labels, and whether it is rare in training; tell the net what sets it apart (data.covariates), or show it more often"}
		}
	}
	return nil
}
