package locate

import (
	"maps"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// search lists the scans in which points are looked for, with their names.
func search(cases audit.Cases, wanted []Wanted) (out []scan) {
	made, byGroup := map[string]*scan{}, map[string][]string{}
	for _, key := range slices.Sorted(maps.Keys(cases.Series)) {
		byGroup[cases.Series[key].Study] = append(byGroup[cases.Series[key].Study], key)
	}
	for _, w := range wanted {
		for _, key := range seriesFor(cases, byGroup, w) {
			one := stage.Case{Group: w.Group, Split: stage.Test}
			image := w.Image
			if files := cases.Series[key].Slices(); len(files) > 0 {
				image = files[0]
			}
			s := scanOf(made, cases, one, key, image)
			if !slices.Contains(s.names, w.Name) {
				s.names = append(s.names, w.Name)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(made)) {
		out = append(out, *made[key])
	}
	return out
}

// seriesFor are the series that may hold a point: that of its case, and the others of its study
// that are of its type.
func seriesFor(cases audit.Cases, byGroup map[string][]string, w Wanted) (out []string) {
	own := cases.Series[w.Series]
	if own.Type == "" {
		return []string{w.Series}
	}
	for _, key := range byGroup[own.Study] {
		if cases.Series[key].Type == own.Type {
			out = append(out, key)
		}
	}
	return out
}
