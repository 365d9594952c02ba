package registry

import (
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// Any is a setting of any form: a number, a text, a list, a map, a whole part
// with its settings. It holds the value as YAML on one line.
type Any string

var anyType = reflect.TypeFor[Any]()

// Node gives the value as a tree. The text of an Any that was decoded is valid.
func (a Any) Node() (*yaml.Node, error) {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(a), &n); err != nil {
		return nil, err
	}
	if len(n.Content) == 0 {
		return null(), nil
	}
	return n.Content[0], nil
}

// readAny keeps the text of a tree whatever it is.
func readAny(n *yaml.Node, v reflect.Value) { v.SetString(OneLine(n)) }

// OneLine writes a tree as YAML on one line.
func OneLine(n *yaml.Node) string {
	copied := copyTree(n)
	plain(copied)
	text, err := yaml.Marshal(copied)
	if err != nil {
		return n.Value
	}
	return strings.TrimSuffix(string(text), "\n")
}

func copyTree(n *yaml.Node) *yaml.Node {
	n = follow(n)
	out := *n
	out.Anchor, out.HeadComment, out.LineComment, out.FootComment = "", "", "", ""
	out.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		out.Content[i] = copyTree(child)
	}
	return &out
}

// plain puts lists and maps on one line, and texts into quotes where they need
// them to.
func plain(n *yaml.Node) {
	n.Style &^= yaml.LiteralStyle | yaml.FoldedStyle
	if n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode {
		n.Style = yaml.FlowStyle
	}
	if strings.Contains(n.Value, "\n") {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range n.Content {
		plain(child)
	}
}

// encodeAny gives the tree back, on one line; text that is no YAML is a text.
func encodeAny(v reflect.Value) *yaml.Node {
	n, err := Any(v.String()).Node()
	if err != nil {
		return text(v.String())
	}
	plain(n)
	return n
}
