package experiments

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// Value is one resolved setting and where its value comes from.
type Value struct {
	Path string `json:"path"`
	// Value is the value as YAML on one line; of a part that has settings, its
	// name.
	Value string `json:"value"`
	// File and Line say where it is written; no File means the default. File is
	// "--set ..." for a value of the command line.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Origin says in short where a value comes from: default, file:line, --set.
func (v Value) Origin() string {
	switch {
	case v.File == "":
		return "default"
	case strings.HasPrefix(v.File, "--set "):
		return "--set"
	case v.Line > 0:
		return fmt.Sprintf("%s:%d", v.File, v.Line)
	}
	return v.File
}

// Shorten takes a folder off the names of files.
func (x *Explained) Shorten(folder string) {
	for i := range x.Values {
		x.Values[i].File = strings.TrimPrefix(x.Values[i].File, folder+"/")
	}
}

// Explained is a resolved experiment in which every value says where it comes
// from.
type Explained struct {
	Values []Value
	root   *yaml.Node
	marked []*yaml.Node // carries the comment of each value
}

// Explain loads an experiment as Load does, and finds where each value of it
// comes from.
func Explain(path string, sets []string) (Explained, registry.Problems, error) {
	e, d, warnings, err := loadWhole(fromDisk, path, sets)
	if err != nil {
		return Explained{}, warnings, err
	}
	x := &explainer{document: d}
	root := registry.Encode(e)
	x.node("", root, d.root, d.target)
	return Explained{x.values, root, x.marked}, warnings, nil
}

// mark separates what the encoder wrote from the comments, for aligning them.
const mark = "#\ue000 "

// YAML writes the experiment with the origin of each value as a comment. It is
// an experiment file itself.
func (x Explained) YAML() []byte {
	for i, v := range x.Values {
		x.marked[i].LineComment = mark + v.Origin()
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(x.root); err != nil {
		return fmt.Appendf(nil, "# %v\n", err) // as in resolved
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	width := 0
	for _, line := range lines {
		if at := strings.Index(line, mark); at >= 0 && at < 60 {
			width = max(width, len([]rune(line[:at])))
		}
	}
	for i, line := range lines {
		if text, origin, found := strings.Cut(line, mark); found {
			lines[i] = fmt.Sprintf("%-*s# %s", width+1, text, origin)
		}
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// explainer walks the resolved tree and the tree of the files side by side.
type explainer struct {
	*document
	values []Value
	marked []*yaml.Node
}

// node explains a value; said is what the files say, or nil.
func (x *explainer) node(path string, n, said *yaml.Node, t reflect.Type) {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case registry.IsOne(t):
		x.part(path, n, said, t)
	case n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0:
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			var below *yaml.Node
			if at := lookup(said, name.Value); at >= 0 {
				below = said.Content[at+1]
			}
			x.node(join(path, name.Value), n.Content[i+1], below, registry.Under(t, name.Value))
		}
	case n.Kind == yaml.SequenceNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0:
		for i, item := range n.Content {
			var below *yaml.Node
			if said != nil && said.Kind == yaml.SequenceNode && i < len(said.Content) {
				below = said.Content[i]
			}
			x.node(join(path, fmt.Sprint(i)), item, below, registry.Under(t, "0"))
		}
	default:
		x.tell(path, n, n, said)
	}
}

// part explains which part it is, and then its settings.
func (x *explainer) part(path string, n, said *yaml.Node, t reflect.Type) {
	if n.Kind != yaml.MappingNode {
		x.tell(path, n, n, said)
		return
	}
	name := n.Content[0]
	var settings *yaml.Node
	at := said
	said = registry.Long(t, said)
	if said != nil && said.Kind == yaml.MappingNode && len(said.Content) == 2 {
		at, settings = said.Content[0], said.Content[1]
	}
	x.tell(path, name, name, at)
	x.node(join(path, name.Value), n.Content[1], settings, registry.Under(t, name.Value))
}

// tell notes where a value comes from. A value left empty is the default's.
func (x *explainer) tell(path string, comment, n, said *yaml.Node) {
	v := Value{Path: path, Value: short(n)}
	if said != nil && !(said.Kind == yaml.ScalarNode && said.ShortTag() == "!!null" && n.ShortTag() != "!!null") {
		v.File, v.Line = x.where(said).File, said.Line
	}
	x.values, x.marked = append(x.values, v), append(x.marked, comment)
}

// short writes a value on one line.
func short(n *yaml.Node) string {
	plain := *n
	plain.LineComment, plain.Style = "", plain.Style|yaml.FlowStyle
	if n.Kind == yaml.ScalarNode {
		plain.Style = n.Style
	}
	text, err := yaml.Marshal(&plain)
	if err != nil {
		return n.Value
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

func join(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }
