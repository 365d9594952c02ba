package experiments

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// check looks at what no stage can see alone. It is left out when a section
// that it needs has mistakes already.
type check struct {
	needs []string
	run   func(Experiment, *checker)
}

// checker collects what the checks find.
type checker struct {
	*document
	warnings registry.Problems
}

func (c *checker) run(e Experiment) {
	if c.partial {
		return
	}
	broken := map[string]bool{}
	for _, p := range c.problems {
		section, _, _ := strings.Cut(p.Path, ".")
		broken[section] = true
	}
	for _, check := range checks {
		if !slices.ContainsFunc(check.needs, func(section string) bool { return broken[section] }) {
			check.run(e, c)
		}
	}
}

// fail notes a mistake.
func (c *checker) fail(path, text, hint string) { c.add(c.locate(path), path, text, hint) }

// warn notes a setting that will not do what it seems to.
func (c *checker) warn(path, text, hint string) {
	n := c.locate(path)
	c.warnings = append(c.warnings, registry.Problem{
		File: c.where(n).File, Line: n.Line, Column: n.Column, Path: path, Text: text, Hint: hint})
}

// says tells whether a file or --set gives the setting.
func (c *checker) says(path string) bool {
	n := c.root
	for word := range strings.SplitSeq(path, ".") {
		if n, _ = step(n, word); n == nil {
			return false
		}
	}
	return true
}

// locate finds the node that a message about a path points to: the value, the
// name before it where the value is a map, or the nearest thing above that the
// files give.
func (c *checker) locate(path string) *yaml.Node {
	n, at := c.root, c.root
	for word := range strings.SplitSeq(path, ".") {
		next, name := step(n, word)
		if next == nil {
			return at
		}
		n, at = next, next
		if name != nil && next.Kind == yaml.MappingNode {
			at = name
		}
	}
	return at
}

// step gives the value under a word, and in a map the node of that word.
func step(n *yaml.Node, word string) (value, name *yaml.Node) {
	if at := lookup(n, word); at >= 0 {
		return n.Content[at+1], n.Content[at]
	}
	if i, err := strconv.Atoi(word); err == nil && n.Kind == yaml.SequenceNode && i >= 0 && i < len(n.Content) {
		return n.Content[i], nil
	}
	return nil, nil
}
