package registry

import (
	"reflect"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// FieldProblem is a mistake that a struct finds in its own settings. Path names
// the setting below the struct ("split.test"); "" means the struct itself.
type FieldProblem struct{ Path, Text, Hint string }

type validator interface{ Validate() error }

type problemer interface{ Problems() []FieldProblem }

// validate asks a struct, a list or a map about rules over several settings. It is called only
// when each setting is right by itself.
func (d *decoder) validate(p place, v reflect.Value) {
	value := v.Interface()
	if checked, ok := value.(problemer); ok {
		for _, f := range checked.Problems() {
			at := Find(p.n, f.Path)
			if at == nil || at.Line == 0 {
				at = p.at
			}
			d.addAt(at, strings.TrimSuffix(join(p.path, f.Path), "."), f.Text, f.Hint)
		}
	}
	if checked, ok := value.(validator); ok {
		if err := checked.Validate(); err != nil {
			d.add(p, err.Error(), "")
		}
	}
}

// Find gives the node at a dotted path below n, or the deepest one on the way
// that the file has; nil when it has not even the first. Names of a map may hold
// dots themselves.
func Find(n *yaml.Node, path string) *yaml.Node {
	if path == "" {
		return n
	}
	var last *yaml.Node
	for path != "" {
		next, rest := childOf(follow(n), path)
		if next == nil {
			return last
		}
		n, last, path = next, next, rest
	}
	return last
}

// childOf gives the child that a path leads to first, and the rest of the path.
// Of names that fit, the longest counts.
func childOf(n *yaml.Node, path string) (child *yaml.Node, rest string) {
	switch n.Kind {
	case yaml.MappingNode:
		longest := -1
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i].Value
			if (path == name || strings.HasPrefix(path, name+".")) && len(name) > longest {
				longest, child = len(name), follow(n.Content[i+1])
				rest = strings.TrimPrefix(path[len(name):], ".")
			}
		}
	case yaml.SequenceNode:
		word, after, _ := strings.Cut(path, ".")
		if i, err := strconv.Atoi(word); err == nil && i >= 0 && i < len(n.Content) {
			return follow(n.Content[i]), after
		}
	}
	return child, rest
}
