package experiments

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// Change is one difference between two resolved experiments.
type Change struct {
	Path string `json:"path"`
	// Before and After are YAML on one line; "" where there is nothing.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Words says it for people: "32 → 64", "rotate is added".
	Words string `json:"words"`
}

// Diff lists what differs between two resolved experiments (as Resolved writes
// them), in the order of the file. Entries of lists are matched by their names.
func Diff(before, after []byte) ([]Change, error) {
	a, problems := registry.Parse("the first experiment", before)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	b, problems := registry.Parse("the second experiment", after)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	var d differ
	d.node("", a, b)
	return d.changes, nil
}

type differ struct{ changes []Change }

func (d *differ) add(path, before, after, words string) {
	d.changes = append(d.changes, Change{path, before, after, words})
}

func (d *differ) node(path string, a, b *yaml.Node) {
	before, after := short(a), short(b)
	switch {
	case before == after:
	case a.Kind == yaml.MappingNode && b.Kind == yaml.MappingNode && !otherPart(a, b):
		d.mapping(path, a, b)
	case a.Kind == yaml.SequenceNode && b.Kind == yaml.SequenceNode && named(a) && named(b):
		d.list(path, a, b)
	case a.Kind == yaml.MappingNode && b.Kind == yaml.MappingNode:
		name := b.Content[0].Value
		d.add(path, before, after, a.Content[0].Value+" → "+name+detail(b, name))
	default:
		d.add(path, before, after, said(before)+" → "+said(after))
	}
}

// said is a value in words.
func said(value string) string {
	if value == "null" {
		return "none"
	}
	return value
}

// otherPart says whether two maps name different parts.
func otherPart(a, b *yaml.Node) bool {
	return len(a.Content) == 2 && len(b.Content) == 2 && a.Content[0].Value != b.Content[0].Value
}

func (d *differ) mapping(path string, a, b *yaml.Node) {
	for i := 0; i+1 < len(a.Content); i += 2 {
		name := a.Content[i].Value
		if at := lookup(b, name); at >= 0 {
			d.node(join(path, name), a.Content[i+1], b.Content[at+1])
		} else {
			d.add(join(path, name), short(a.Content[i+1]), "", "is gone (it was "+short(a.Content[i+1])+")")
		}
	}
	for i := 0; i+1 < len(b.Content); i += 2 {
		if name := b.Content[i].Value; lookup(a, name) < 0 {
			d.add(join(path, name), "", short(b.Content[i+1]), "is new: "+short(b.Content[i+1]))
		}
	}
}

// named says whether every entry of a list has a name: words, parts, phases.
// Numbers are values, not names.
func named(list *yaml.Node) bool {
	return !slices.ContainsFunc(list.Content, func(n *yaml.Node) bool {
		tag := n.ShortTag()
		return entryName(n) == "" || n.Kind == yaml.ScalarNode && (tag == "!!int" || tag == "!!float")
	})
}

// list pairs the entries of equal names in the order of both lists (a longest
// common subsequence); what is left is added, removed, or moved.
func (d *differ) list(path string, a, b *yaml.Node) {
	from, to := entryNames(a), entryNames(b)
	pairs := common(from, to)
	matched := map[int]int{} // entry of b → entry of a
	for _, p := range pairs {
		matched[p[1]] = p[0]
	}
	for i, name := range from {
		paired := slices.ContainsFunc(pairs, func(p [2]int) bool { return p[0] == i })
		if !paired && !slices.Contains(to, name) {
			d.add(path, short(a.Content[i]), "", name+" is removed"+detail(a.Content[i], name))
		}
	}
	for j, name := range to {
		i, both := matched[j]
		if !both {
			i = slices.Index(from, name)
		}
		switch {
		case both:
			d.node(join(path, place(to, j)), a.Content[i], b.Content[j])
		case i >= 0 && !paired(pairs, i):
			d.add(path, "", "", fmt.Sprintf("%s moved from place %d to %d", name, i, j))
			d.node(join(path, place(to, j)), a.Content[i], b.Content[j])
		default:
			d.add(path, "", short(b.Content[j]), name+" is added"+detail(b.Content[j], name))
		}
	}
}

// place calls an entry by its name where it is the only one of that name.
func place(names []string, i int) string {
	first := slices.Index(names, names[i])
	if first < i || slices.Contains(names[first+1:], names[i]) || strings.Contains(names[i], ".") {
		return fmt.Sprint(i)
	}
	return names[i]
}

func paired(pairs [][2]int, i int) bool {
	return slices.ContainsFunc(pairs, func(p [2]int) bool { return p[0] == i })
}

// detail writes the settings of an entry behind its name.
func detail(n *yaml.Node, name string) string {
	if n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[0].Value == name {
		return ": " + short(n.Content[1])
	}
	if n.Kind == yaml.ScalarNode {
		return ""
	}
	return ": " + short(n)
}

// common is a longest common subsequence of two lists of words, as pairs of
// places.
func common(a, b []string) [][2]int {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			}
		}
	}
	var out [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			out = append(out, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return out
}

// Written lists changes as lines of aligned columns.
func Written(changes []Change) string {
	width := 0
	for _, c := range changes {
		width = max(width, len(c.Path))
	}
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "%-*s  %s\n", width, c.Path, c.Words)
	}
	return b.String()
}
