package experiments

import (
	"reflect"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// merge lays one tree over another: maps are merged key by key, everything else
// is replaced. So is a part when another part is named, or the same one by its
// bare name (which means the part with its own defaults). t is the type that
// the tree will be decoded into; it tells a part from a plain map. Neither tree
// is changed.
func (d *document) merge(base, over *yaml.Node, t reflect.Type) *yaml.Node {
	if base.Kind != yaml.MappingNode || over.Kind != yaml.MappingNode {
		return over
	}
	if registry.IsOne(t) && !samePart(base, over) {
		return over
	}
	var pairs []*yaml.Node
	below, above := positions(base), positions(over)
	for i := 0; i+1 < len(base.Content); i += 2 {
		key, value := base.Content[i], base.Content[i+1]
		if at, both := above[key.Value]; both {
			key, value = over.Content[at], d.merge(value, over.Content[at+1], registry.Under(t, key.Value))
		}
		pairs = append(pairs, key, value)
	}
	for i := 0; i+1 < len(over.Content); i += 2 {
		if _, both := below[over.Content[i].Value]; !both {
			pairs = append(pairs, over.Content[i], over.Content[i+1])
		}
	}
	return d.mapping(over, pairs)
}

// positions finds the keys of a map in its Content; of equal keys the first.
func positions(n *yaml.Node) map[string]int {
	at := map[string]int{}
	for i := len(n.Content) - 2; i >= 0; i -= 2 {
		at[n.Content[i].Value] = i
	}
	return at
}

// samePart says whether two maps name the same single part.
func samePart(a, b *yaml.Node) bool {
	return len(a.Content) == 2 && len(b.Content) == 2 && a.Content[0].Value == b.Content[0].Value
}
