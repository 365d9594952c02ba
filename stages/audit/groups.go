package audit

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/stage"
)

// groups finds what must stay together. Cases stay together when they agree in
// what Split.By names; and so that no study or image is ever torn, also when
// they are of one study or on one image. Only row by row nothing is kept.
func (s Split) groups(cases []stage.Case, patients map[string]string) ([]*group, error) {
	key, err := s.key(cases, patients)
	if err != nil {
		return nil, err
	}
	strata, err := s.strata(cases)
	if err != nil {
		return nil, err
	}
	var ties [][]string
	for _, c := range cases {
		t := []string{key(c)}
		if s.By != rowByRow {
			file, _ := stage.FrameOf(c.Image)
			t = append(t, "study "+c.Group, "image "+file)
		}
		ties = append(ties, t)
	}
	var out []*group
	byName := map[string]*group{}
	for i, name := range connect(ties) {
		g := byName[name]
		if g == nil {
			g = &group{name: name, counts: make([]float64, strata.n)}
			byName[name], out = g, append(out, g)
		}
		g.cases = append(g.cases, i)
		for _, stratum := range strata.of[i] {
			g.counts[stratum]++
		}
	}
	return out, nil
}

// key tells what Split.By makes of a case.
func (s Split) key(cases []stage.Case, patients map[string]string) (func(stage.Case) string, error) {
	switch s.By {
	case "study":
		return func(c stage.Case) string { return "study " + c.Group }, nil
	case rowByRow:
		return func(c stage.Case) string { return "row " + c.ID }, nil
	case "patient":
		if patients == nil {
			return nil, stage.Fault{Err: errors.New("data.split.by: the image files tell no patients apart"), Hint: "set data.split.by to study"}
		}
		return func(c stage.Case) string {
			if id, ok := patients[c.Group]; ok {
				return "patient " + id
			}
			return "study " + c.Group
		}, nil
	}
	if err := hasTag(cases, "data.split.by", s.By); err != nil {
		return nil, err
	}
	return func(c stage.Case) string { return "tag " + c.Tags[s.By] }, nil
}

// hasTag wants every case to have a value for a tag.
func hasTag(cases []stage.Case, setting, tag string) error {
	for _, c := range cases {
		if _, ok := c.Tags[tag]; !ok {
			return stage.Fault{
				Err:  fmt.Errorf("%s: case %s has no %q", setting, c.ID, tag),
				Hint: "cases have " + cmp.Or(strings.Join(slices.Sorted(maps.Keys(c.Tags)), ", "), "no tags"),
			}
		}
	}
	return nil
}

// connect gives each item the smallest name among all that it is tied to,
// directly or through others (disjoint sets with path halving).
func connect(ties [][]string) []string {
	parent := map[string]string{}
	root := func(name string) string {
		if _, ok := parent[name]; !ok {
			parent[name] = name
		}
		for parent[name] != name {
			parent[name] = parent[parent[name]]
			name = parent[name]
		}
		return name
	}
	for _, names := range ties {
		for _, name := range names[1:] {
			a, b := root(names[0]), root(name)
			parent[max(a, b)] = min(a, b)
		}
	}
	out := make([]string, len(ties))
	for i, names := range ties {
		out[i] = root(names[0])
	}
	return out
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
	for _, column := range s.Stratify {
		value := func(c stage.Case) string { return strconv.Itoa(c.Label) }
		if column != "label" {
			if err := hasTag(cases, "data.split.stratify", column); err != nil {
				return out, err
			}
			value = func(c stage.Case) string { return c.Tags[column] }
		}
		seen := map[string]int{}
		for _, c := range cases {
			seen[value(c)] = 0
		}
		for _, v := range slices.Sorted(maps.Keys(seen)) { // not by the order of the cases
			seen[v] = out.n
			out.n++
		}
		for i, c := range cases {
			out.of[i] = append(out.of[i], seen[value(c)])
		}
	}
	return out, nil
}
