package audit

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// tie is something that cases stay together by: "study 17".
type tie struct{ what, name string }

func (t tie) compare(o tie) int {
	return cmp.Or(strings.Compare(t.what, o.what), strings.Compare(t.name, o.name))
}

func (t tie) String() string { return t.what + " " + t.name }

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
	var ties []tie
	names := connect(len(cases), func(i int) []tie {
		c := &cases[i]
		if ties = append(ties[:0], key(c)); s.By == rowByRow {
			return ties
		}
		file, _ := stage.ParseFramePath(c.Image)
		ties = append(ties, tie{"study", c.Group}, tie{"image", file})
		for _, m := range c.Views {
			if seen, _ := stage.ParseFramePath(m.Image); !blank(m) {
				ties = append(ties, tie{"view", seen})
			}
		}
		return ties
	})
	var out []*group
	byName := map[tie]*group{}
	for i, name := range names {
		g := byName[name]
		if g == nil {
			g = &group{name: name.String(), counts: make([]float64, strata.n)}
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
func (s Split) key(cases []stage.Case, patients map[string]string) (func(*stage.Case) tie, error) {
	switch s.By {
	case "study":
		return func(c *stage.Case) tie { return tie{"study", c.Group} }, nil
	case rowByRow:
		return func(c *stage.Case) tie { return tie{"row", cmp.Or(c.Sample, c.ID)} }, nil
	case "patient":
		if patients == nil {
			return nil, stage.Wrong{Path: "data.split.by", Err: stage.Fault{
				Err:  errors.New("the image files tell no patients apart, by PatientID"),
				Hint: "write by: study, which keeps together what the source calls a study or group",
			}}
		}
		return func(c *stage.Case) tie {
			if id, ok := patients[c.Group]; ok {
				return tie{"patient", id}
			}
			return tie{"study", c.Group}
		}, nil
	}
	if err := hasTag(cases, "data.split.by", s.By); err != nil {
		return nil, err
	}
	return func(c *stage.Case) tie { return tie{"tag", c.Tags[s.By]} }, nil
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

// connect gives each of n items the smallest name among all that it is tied to,
// directly or through others (disjoint sets with path halving, over numbers of names).
func connect(n int, ties func(i int) []tie) []tie {
	names, parent, numbers := make([]tie, 0, n), make([]int, 0, n), make(map[tie]int, n)
	root := func(name tie) int {
		at, known := numbers[name]
		if !known {
			at = len(names)
			numbers[name], names, parent = at, append(names, name), append(parent, at)
		}
		return rootOf(parent, at)
	}
	first := make([]int, n)
	for i := range first {
		tied := ties(i)
		first[i] = root(tied[0])
		for _, name := range tied[1:] {
			a, b := rootOf(parent, first[i]), root(name)
			if names[a].compare(names[b]) > 0 {
				a, b = b, a
			}
			parent[b] = a
		}
	}
	out := make([]tie, n)
	for i, at := range first {
		out[i] = names[rootOf(parent, at)]
	}
	return out
}

// rootOf climbs to the top, and shortens the way for others.
func rootOf(parent []int, at int) int {
	for parent[at] != at {
		parent[at] = parent[parent[at]]
		at = parent[at]
	}
	return at
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
