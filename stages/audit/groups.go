package audit

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"vertebra/stages/internal/stratify"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// groups finds what must stay together. Cases stay together when they agree in
// what Split.By names; and so that no study or image is ever torn, also when
// they are of one study or on one image. Only row by row nothing is kept.
func (s Split) groups(cases []stage.Case, patients map[string]string) ([]*stratify.Group, error) {
	key, err := s.key(cases, patients)
	if err != nil {
		return nil, err
	}
	strata, err := s.strata(cases)
	if err != nil {
		return nil, err
	}
	var ties []stratify.Tie
	names := stratify.Connect(len(cases), func(i int) []stratify.Tie {
		c := &cases[i]
		if ties = append(ties[:0], key(c)); s.By == rowByRow {
			return ties
		}
		file, _ := stage.ParseFramePath(c.Image)
		ties = append(ties, stratify.Tie{What: "study", Name: c.Group}, stratify.Tie{What: "image", Name: file})
		for _, m := range c.Views {
			if seen, _ := stage.ParseFramePath(m.Image); !blank(m) {
				ties = append(ties, stratify.Tie{What: "view", Name: seen})
			}
		}
		return ties
	})
	var out []*stratify.Group
	byName := map[stratify.Tie]*stratify.Group{}
	for i, name := range names {
		g := byName[name]
		if g == nil {
			g = &stratify.Group{Name: name.String(), Counts: make([]float64, strata.n)}
			byName[name], out = g, append(out, g)
		}
		g.Cases = append(g.Cases, i)
		for _, stratum := range strata.of[i] {
			g.Counts[stratum]++
		}
	}
	return out, nil
}

// key tells what Split.By makes of a case.
func (s Split) key(cases []stage.Case, patients map[string]string) (func(*stage.Case) stratify.Tie, error) {
	switch s.By {
	case "study":
		return func(c *stage.Case) stratify.Tie { return stratify.Tie{What: "study", Name: c.Group} }, nil
	case rowByRow:
		return func(c *stage.Case) stratify.Tie { return stratify.Tie{What: "row", Name: cmp.Or(c.Sample, c.ID)} }, nil
	case "patient":
		if patients == nil {
			return nil, stage.Wrong{Path: "data.split.by", Err: stage.Fault{
				Err:  errors.New("the image files tell no patients apart, by PatientID"),
				Hint: "write by: study, which keeps together what the source calls a study or group",
			}}
		}
		return func(c *stage.Case) stratify.Tie {
			if id, ok := patients[c.Group]; ok {
				return stratify.Tie{What: "patient", Name: id}
			}
			return stratify.Tie{What: "study", Name: c.Group}
		}, nil
	}
	if err := hasTag(cases, "data.split.by", s.By); err != nil {
		return nil, err
	}
	return func(c *stage.Case) stratify.Tie { return stratify.Tie{What: "tag", Name: c.Tags[s.By]} }, nil
}

// hasTag wants every case to have a value for a tag.
func hasTag(cases []stage.Case, setting, tag string) error {
	for _, c := range cases {
		if _, ok := c.Tags[tag]; !ok {
			hint := cmp.Or(registry.Suggest(tag, slices.Sorted(maps.Keys(c.Tags))), "cases have no tags")
			if slices.ContainsFunc(cases, func(c stage.Case) bool { _, has := c.Tags[tag]; return has }) {
				hint = "others have it; one sample of several rows has a column only where all of them say the same"
			}
			return stage.Wrong{Path: setting, Err: stage.Fault{Err: fmt.Errorf("case %s has no %q", c.ID, tag), Hint: hint}}
		}
	}
	return nil
}

// strata are the things whose shares are to be alike: each value of each column
// of Split.Stratify counts by itself.
type strata struct {
	n  int
	of [][]int // by case
}

func (s Split) strata(cases []stage.Case) (strata, error) {
	if len(s.Stratify) == 0 {
		return strata{1, slices.Repeat([][]int{{0}}, len(cases))}, nil
	}
	out := strata{of: make([][]int, len(cases))}
	for i, column := range s.Stratify {
		value := func(c *stage.Case) string { return strconv.Itoa(c.Target) + " " + strconv.Itoa(c.Label) }
		if column != "label" {
			if err := hasTag(cases, fmt.Sprintf("data.split.stratify.%d", i), column); err != nil {
				return out, err
			}
			value = func(c *stage.Case) string { return c.Tags[column] }
		}
		seen := map[string]int{}
		for i := range cases {
			seen[value(&cases[i])] = 0
		}
		for _, v := range slices.Sorted(maps.Keys(seen)) { // not by the order of the cases
			seen[v] = out.n
			out.n++
		}
		for i := range cases {
			out.of[i] = append(out.of[i], seen[value(&cases[i])])
		}
	}
	return out, nil
}
