package registry

import (
	"fmt"
	"path/filepath"
	"strconv"

	"gopkg.in/yaml.v3"
)

// The largest tree that is walked, counted after aliases are replaced by what
// they stand for.
const (
	maxNodes = 100_000
	maxDepth = 64
	// maxProblems ends the search: a file with more mistakes went wrong as a
	// whole.
	maxProblems = 1000
)

// Origin says where a node was written.
type Origin struct {
	File string // as messages name it
	Dir  string // the folder that relative paths start from
}

// Where finds the origin of a node. It lets one tree hold nodes of several
// files.
type Where func(*yaml.Node) Origin

// FromFile is the Where of a tree that comes from one file.
func FromFile(file string) Where {
	o := Origin{File: file}
	if file != "" {
		o.Dir = filepath.Dir(file)
	}
	return func(*yaml.Node) Origin { return o }
}

// inspect finds the mistakes that have nothing to do with types. It says also
// whether the tree may be walked: it has no loop and is not too large.
func inspect(root *yaml.Node, where Where) (Problems, bool) {
	i := &inspector{where: where}
	i.walk(root, "", 0)
	return i.problems.Sorted(), !i.stopped
}

type inspector struct {
	where    Where
	problems Problems
	nodes    int
	stopped  bool
}

func (i *inspector) walk(n *yaml.Node, path string, depth int) {
	i.nodes++
	switch {
	case i.stopped:
		return
	case len(i.problems) >= maxProblems:
		i.stopped = true
		return
	case depth > maxDepth:
		i.stop(n, path, fmt.Sprintf("is nested more than %d levels deep, or holds itself", maxDepth))
		return
	case i.nodes > maxNodes:
		i.stop(n, path, fmt.Sprintf("the file has more than %d values", maxNodes))
		return
	}
	if n.Style&yaml.TaggedStyle != 0 {
		i.add(n, path, "has the tag "+n.Tag, "remove the tag")
	}
	switch n.Kind {
	case yaml.AliasNode:
		i.walk(n.Alias, path, depth+1)
	case yaml.SequenceNode:
		for at, item := range n.Content {
			i.walk(item, join(path, strconv.Itoa(at)), depth+1)
		}
	case yaml.MappingNode:
		i.mapping(n, path, depth)
	}
}

func (i *inspector) mapping(n *yaml.Node, path string, depth int) {
	first := map[string]*yaml.Node{}
	for at := 0; at+1 < len(n.Content); at += 2 {
		key, value := follow(n.Content[at]), n.Content[at+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			i.add(n.Content[at], path, "a name cannot be a list or a map", "write one word before the colon")
			i.walk(n.Content[at], path, depth+1)
		case key.Tag == "!!merge":
			i.add(key, path, "merge keys (<<) are not allowed", "use extends, or repeat the settings")
		case first[key.Value] != nil:
			hint := "remove one"
			if line := first[key.Value].Line; line > 0 { // a command line has none
				hint = fmt.Sprintf("it was given on line %d already", line)
			}
			i.add(key, join(path, key.Value), "is given twice", hint)
		default:
			first[key.Value] = key
		}
		i.walk(value, join(path, key.Value), depth+1)
	}
}

// stop ends the walk: what is left cannot be trusted.
func (i *inspector) stop(n *yaml.Node, path, text string) {
	i.stopped = true
	if len(path) > 80 {
		path = path[:80] + "…"
	}
	i.add(n, path, text, "look for a list or an alias (*name) that grew by mistake")
}

func (i *inspector) add(n *yaml.Node, path, text, hint string) {
	i.problems = append(i.problems, Problem{
		File: i.where(n).File, Line: n.Line, Column: n.Column, Path: path, Text: text, Hint: hint})
}

// resolveAliases replaces aliases by what they stand for. The tree must have no
// loops. What has several aliases becomes one node with several parents.
func resolveAliases(n *yaml.Node, done map[*yaml.Node]bool) *yaml.Node {
	n = follow(n)
	if done[n] {
		return n
	}
	done[n] = true
	for i, child := range n.Content {
		n.Content[i] = resolveAliases(child, done)
	}
	return n
}

// follow gives the node that an alias stands for. An alias of an alias cannot
// be written, but the loop is bounded all the same.
func follow(n *yaml.Node) *yaml.Node {
	for range maxDepth {
		if n.Kind != yaml.AliasNode || n.Alias == nil {
			return n
		}
		n = n.Alias
	}
	return n
}

// join adds a name to a path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// isNull says whether a value was left empty.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }
