package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// Rules on rows and their labels, whatever table they are from.
func init() {
	addRule(Rule{ID: "repeated_row", Title: "repeated row", Reason: "the same image, place and label come again: the case counts twice", Severity: warning, Do: keep,
		find: repeatedRows})
	addRule(Rule{ID: "empty_group", Title: "row without a group", Reason: "the cell of the group's column is empty: all rows without one stay together, as if they were of one", Severity: warning, Do: keep,
		find: emptyGroups})
	addRule(Rule{ID: "classes_alike", Title: "classes of almost the same name", Reason: "they differ in capitals, blanks or hyphens alone: one class may be written in two ways", Severity: warning, Do: keep,
		find: classesAlike})
	addRule(Rule{ID: "unused_patients", Title: "column of patients that is not used", Severity: warning, Do: keep, Unit: "columns",
		Reason: "images of one patient may be on both sides of a split, and scores too good for it: name the column as group of data.source.table",
		Asked:  "images of one patient count as if they were of several, and intervals are too narrow for it: name the column as group of data.source.table"})
	addRule(Rule{ID: "several_targets", Title: "different labels of one image, by column", Severity: severe, Do: keep,
		Reason: "the net sees the same picture for each column of labels, and is not told which one is asked: write data.label: all for a net that answers them all, or give labels one column",
		Asked:  "the nets answer each picture once, and all these columns are held against that: name in labels the one column that they were trained for",
		find:   severalTargets})
}

// severalTargets finds cases of one image, and of one point where they have points, whose
// labels are of several columns and differ.
func severalTargets(v *view) (out []hit) {
	if v.together || len(v.Cases.Cases) == 0 || v.Cases.Cases[0].Tags[stage.TargetTag] == "" { // all have it or none
		return nil
	}
	for _, path := range v.usedImages() {
		on := v.on(path)
		for _, c := range on {
			if slices.ContainsFunc(on, func(o *stage.Case) bool { return o.Label != c.Label && pointKey(*o) == pointKey(*c) }) {
				out = append(out, hit{id: c.ID})
			}
		}
	}
	return out
}

// emptyGroups finds cases of a table that has a column of groups and none for them.
func emptyGroups(v *view) (out []hit) {
	for _, c := range v.Cases.Cases {
		if c.Group == "" {
			out = append(out, hit{id: c.ID})
		}
	}
	return out
}

// repeatedRows finds cases that an earlier one is equal to in all but its id.
func repeatedRows(v *view) (out []hit) {
	type row struct {
		image string
		label int
		point stage.Point
	}
	first := make(map[row]*stage.Case, len(v.Cases.Cases))
	others := map[row][]*stage.Case{} // like the first but for their tags
	for i := range v.Cases.Cases {
		c := &v.Cases.Cases[i]
		key := row{image: c.Image, label: c.Label}
		if c.Point != nil {
			key.point = *c.Point
		}
		one := first[key]
		if one == nil {
			first[key] = c
			continue
		}
		like := append([]*stage.Case{one}, others[key]...)
		equal := slices.IndexFunc(like, func(one *stage.Case) bool {
			return (one.Point == nil) == (c.Point == nil) && maps.Equal(one.Tags, c.Tags)
		})
		if equal < 0 {
			others[key] = append(others[key], c)
			continue
		}
		out = append(out, hit{id: c.ID, detail: "equal to " + like[equal].ID})
	}
	return out
}

// classesAlike finds the cases of classes that another class is named as.
func classesAlike(v *view) (out []hit) {
	plain := strings.NewReplacer(" ", "", "_", "", "-", "", "/", "")
	names := map[string][]int{}
	for label, class := range v.Classes {
		name := table.Number(plain.Replace(strings.ToLower(class)))
		names[name] = append(names[name], label)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if len(names[name]) < 2 {
			continue
		}
		var quoted []string
		for _, label := range names[name] {
			quoted = append(quoted, fmt.Sprintf("%q", v.Classes[label]))
		}
		for _, c := range v.Cases.Cases {
			if slices.Contains(names[name], c.Label) {
				out = append(out, hit{id: c.ID, detail: strings.Join(quoted, " and ")})
			}
		}
	}
	return out
}
