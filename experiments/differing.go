package experiments

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// Setting is a setting that is not the same in all of several experiments.
type Setting struct {
	Path   string
	Values []string // of each experiment, as YAML on one line; "" where there is nothing
}

// Differing lists what is not the same in all of several resolved experiments, in the order in
// which it differs from the first. Of a list that has other entries in some, a value is those of
// its entries that not all have; where its order alone differs, their names.
func Differing(resolved ...[]byte) ([]Setting, error) {
	roots := make([]*yaml.Node, len(resolved))
	for i, text := range resolved {
		root, problems := registry.Parse("the experiment", text)
		if err := problems.Err(); err != nil {
			return nil, err
		}
		roots[i] = root
	}
	var out []Setting
	at := map[string]int{}
	for i := 1; i < len(roots); i++ {
		var d differ
		d.node("", roots[0], roots[i])
		for _, c := range d.changes {
			if _, known := at[c.Path]; !known {
				at[c.Path] = len(out)
				out = append(out, Setting{c.Path, slices.Repeat([]string{c.Before}, len(roots))})
			}
			out[at[c.Path]].Values[i] = c.After
		}
	}
	for _, s := range out {
		s.lists(roots)
	}
	return out, nil
}

// lists gives a setting that is a list of names everywhere what entries the others lack.
func (s Setting) lists(roots []*yaml.Node) {
	words, lists := strings.Split(s.Path, "."), make([]*yaml.Node, len(roots))
	for i, root := range roots {
		if lists[i], _ = reach(root, words); lists[i] == nil || lists[i].Kind != yaml.SequenceNode || !named(lists[i]) {
			return
		}
	}
	everywhere := func(name string) bool {
		return !slices.ContainsFunc(lists, func(l *yaml.Node) bool { return !slices.Contains(entryNames(l), name) })
	}
	moved := true
	for i, l := range lists {
		var own []string
		for k, name := range entryNames(l) {
			if !everywhere(name) {
				own = append(own, short(l.Content[k]))
			}
		}
		s.Values[i] = strings.Join(own, ", ")
		moved = moved && own == nil
	}
	for i, l := range lists {
		if moved {
			s.Values[i] = strings.Join(entryNames(l), ", ")
		}
	}
}
