package audit

import (
	"cmp"
	"fmt"
	"slices"
)

// eachRow as Table.Repeated and Config.Label makes a case of each row.
const eachRow = "each"

func init() {
	addRule(Rule{ID: "other_ending", Title: "image of another ending", Severity: info, Do: keep, Unit: "columns",
		Reason: "the table names files that are not there, and each is the only one of its name with another ending"})
	addRule(Rule{ID: "rows_disagree", Title: "rows of one image that disagree", Severity: info, Do: keep,
		Reason: "its rows have different labels, of which data.source.table.repeated takes one: where readers differ, no net can be right about all"})
}

// together says whether several rows of one image make one case.
func (t Table) together() bool { return t.Repeated != "" && t.Repeated != eachRow }

// finish chooses the labels of cases of several rows, and tells what was noticed on the way.
func (r *tableReader) finish() {
	for i, one := range r.found.Cases {
		said := r.said[cmp.Or(r.found.rowOf[one.ID], one.ID)]
		if len(said) < 2 {
			continue
		}
		if r.found.Cases[i].Label = chooseLabel(r.Repeated, said); slices.Min(said) != slices.Max(said) {
			var names []string
			for _, label := range said {
				names = append(names, r.found.Classes[label])
			}
			r.reports.again("rows_disagree", one.ID, fmt.Sprintf("%s: %v", one.ID, names))
		}
	}
	if n, first := r.images.OtherEndings(); n > 0 {
		r.reports.again("other_ending", r.Image, fmt.Sprintf("%s, and so %d in all", first, n))
	}
	r.found.reports = r.reports
}
