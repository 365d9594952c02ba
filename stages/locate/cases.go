package locate

import (
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// answers are what a net says of a name in a slice, as the classes of a target: modes times a
// chance and a place.
func answers() (out []string) {
	for mode := range modes {
		for _, what := range []string{"chance ", "x ", "y "} {
			out = append(out, what+strconv.Itoa(mode+1))
		}
	}
	return out
}

// between stands in the ids of cases between image and name.
const between = "\x00"

// asked makes a case of each slice and name that is asked about there. The points are those of
// the scans, in pixels of the files.
func asked(of audit.Cases, names []string, scans []scan, slicesOf func(scan) []string) audit.Cases {
	of.Classes, of.Targets, of.Among, of.Views, of.Covariates = answers(), names, nil, nil, nil
	of.Cases, of.Looks, of.Folds = nil, nil, 0
	for _, s := range scans {
		for _, path := range slicesOf(s) {
			sample := of.Local(path) // where the data lies must not decide what is drawn for it
			for _, name := range s.names {
				one := stage.Case{ID: sample + between + name, Sample: sample, Group: s.group, Image: path, Split: s.split, Target: slices.Index(names, name)}
				if _, known := of.Series[s.key]; known {
					one.Series = s.key
				}
				if at := s.spots[name]; at.image == path {
					one.Point = &at.point
				}
				of.Cases = append(of.Cases, one)
			}
		}
	}
	slices.SortFunc(of.Cases, func(a, b stage.Case) int { return strings.Compare(a.ID, b.ID) })
	return of
}
