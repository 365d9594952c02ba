package experiments

import (
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
	"vertebra/sweeps"
)

// document is the YAML tree of an experiment on its way from files to settings.
// Its nodes may come from several files and from --set; it remembers from
// where.
type document struct {
	source
	root     *yaml.Node
	target   reflect.Type // what the tree will be decoded into
	origins  map[*yaml.Node]registry.Origin
	problems registry.Problems
	partial  bool // a file that is extended could not be read

	sources  map[string][]byte // what each file holds
	heirs    map[string]string // who inherits a file: "a.yaml through b.yaml"
	defaults *yaml.Node        // what holds where no file says anything
}

// source is what an experiment is read from.
type source struct {
	read readFile
	path string
	sets []string // the --set assignments

	single bool                // a trial, not the sweep that it is of
	assign []sweeps.Assignment // the settings of the trial
}

// annotated gives problems in order, each with its source line and, where its
// file is extended by another, with who inherits it.
func (d *document) annotated(problems registry.Problems) registry.Problems {
	lines := map[string][]string{}
	for i, p := range problems {
		if lines[p.File] == nil {
			lines[p.File] = strings.Split(string(d.sources[p.File]), "\n")
		}
		if at := p.Line - 1; at >= 0 && at < len(lines[p.File]) {
			problems[i].Source = strings.TrimSuffix(lines[p.File][at], "\r")
		}
		problems[i].Inherited = d.heirs[p.File]
		problems[i].Hint = meant(p)
	}
	return problems.Sorted()
}

// where is the registry.Where of the document.
func (d *document) where(n *yaml.Node) registry.Origin { return d.origins[n] }

// adopt remembers that a tree was written in one place.
func (d *document) adopt(n *yaml.Node, o registry.Origin) {
	if _, known := d.origins[n]; known {
		return
	}
	d.origins[n] = o
	for _, child := range n.Content {
		d.adopt(child, o)
	}
}

// mapping makes a map that stands where n stands.
func (d *document) mapping(n *yaml.Node, pairs []*yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column, Content: pairs}
	d.origins[out] = d.origins[n]
	return out
}

// add notes a mistake at a node.
func (d *document) add(n *yaml.Node, path, text, hint string) {
	d.problems = append(d.problems, registry.Problem{
		File: d.origins[n].File, Line: n.Line, Column: n.Column, Path: path, Text: text, Hint: hint})
}

// lookup gives the position of a key in a map's Content; -1 when it is not
// there.
func lookup(n *yaml.Node, key string) int {
	if n == nil || n.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}
