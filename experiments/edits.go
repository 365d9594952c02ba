package experiments

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// editWords are the settings beside extends that change what is inherited
// without repeating it: maps are merged by themselves, these reach into lists.
//
//	remove: [augment.flip, train.phases.head.stop]
//	append: {evaluate.metrics: [kappa]}
//	set:    {train.phases.head.epochs: 3}
//
// Their paths are those of --set and of messages. An entry of a list is named
// by its number from 0 or by its name.
var editWords = []string{"remove", "append", "set"}

// edits are the changes that one file makes to what it inherits.
type edits struct {
	*document
	removed        []*yaml.Node // texts
	appended, sets []*yaml.Node // names and values in turn
	words          []*yaml.Node // remove, append, set themselves
}

// edits reads them and tells what has the wrong form.
func (d *document) edits(root *yaml.Node) *edits {
	e := &edits{document: d}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if !slices.Contains(editWords, key.Value) {
			continue
		}
		e.words = append(e.words, key)
		switch {
		case key.Value == "remove" && value.Kind == yaml.SequenceNode:
			e.removed = value.Content
		case key.Value == "append" && value.Kind == yaml.MappingNode:
			e.appended = value.Content
		case key.Value == "set" && value.Kind == yaml.MappingNode:
			e.sets = value.Content
		case key.Value == "remove":
			d.add(value, "remove", "want a list of paths", "such as [augment.flip, train.phases.0.stop]")
		case key.Value == "append":
			d.add(value, "append", "want a map of paths to lists", "such as {evaluate.metrics: [kappa]}")
		default:
			d.add(value, "set", "want a map of paths to values", "such as {train.phases.0.epochs: 3}")
		}
	}
	return e
}

// refuse tells that a file that extends nothing has nothing to change.
func (e *edits) refuse() {
	for _, key := range e.words {
		e.add(key, key.Value, "nothing is inherited: the file has no extends", "write the settings themselves")
	}
}

// apply lays a file over what it inherits: first removals, then the file's own
// settings, then what it appends and sets.
func (e *edits) apply(base, over *yaml.Node) *yaml.Node {
	root := e.merge(e.without(e.remove(base), own), over, e.target)
	e.pairs("append", e.appended, over, func(key, value *yaml.Node, words []string) {
		if value.Kind != yaml.SequenceNode {
			e.add(value, "append."+key.Value, "want a list of the entries to append", "")
			return
		}
		root = e.appendTo(root, key, value, words)
	})
	e.pairs("set", e.sets, over, func(key, value *yaml.Node, words []string) {
		s := setter{e.document, key, "set." + key.Value, value}
		root = s.put(root, words, e.target)
	})
	return root
}

// pairs calls change for each path and value. A path that the file also gives
// itself is a mistake: which of the two counts would be a riddle.
func (e *edits) pairs(word string, pairs []*yaml.Node, over *yaml.Node, change func(key, value *yaml.Node, words []string)) {
	for i := 0; i+1 < len(pairs); i += 2 {
		key, value := pairs[i], pairs[i+1]
		words, ok := e.path(word, key)
		if !ok {
			continue
		}
		if own, _ := reach(over, words); own != nil {
			e.add(key, word+"."+key.Value, "this file gives it too", fmt.Sprintf("on line %d; write it there", own.Line))
			continue
		}
		change(key, value, words)
	}
}

func (e *edits) path(word string, n *yaml.Node) ([]string, bool) {
	words := strings.Split(n.Value, ".")
	if n.Kind != yaml.ScalarNode || slices.Contains(words, "") || slices.Contains(editWords, words[0]) || words[0] == "extends" {
		e.add(n, word, "want a path", "such as train.phases.0.epochs")
		return nil, false
	}
	return words, true
}

// appendTo puts the entries of a list after those of the list at a path; where
// the files do not give that list, after those of its default.
func (e *edits) appendTo(root, key, entries *yaml.Node, words []string) *yaml.Node {
	path := "append." + key.Value
	list, text := reach(root, words)
	if list == nil && text == "" {
		list, _ = reach(e.defaults, words)
	}
	switch {
	case list == nil && text != "":
		e.add(key, path, text, "")
		return root
	case list != nil && list.Kind != yaml.SequenceNode:
		e.add(key, path, "is no list", "write set to replace a value")
		return root
	}
	s := setter{e.document, key, path, nil}
	out := s.list(list)
	s.stand(out)
	out.Content = append(out.Content, entries.Content...)
	s.value = out
	return s.put(root, words, e.target)
}

// remove takes paths out of what is inherited.
func (e *edits) remove(base *yaml.Node) *yaml.Node {
	gone := map[string]bool{}
	for _, n := range e.removed {
		words, ok := e.path("remove", n)
		if !ok {
			continue
		}
		path, hint := resolve(base, words)
		if path == "" {
			e.add(n, "remove", fmt.Sprintf("%q is not inherited", n.Value), hint)
			continue
		}
		gone[path] = true
	}
	if len(gone) == 0 {
		return base
	}
	return e.pruned(base, "", gone)
}

// pruned copies a tree without some paths.
func (e *edits) pruned(n *yaml.Node, path string, gone map[string]bool) *yaml.Node {
	step, first := 1, 0
	switch n.Kind {
	case yaml.MappingNode:
		step, first = 2, 1
	case yaml.SequenceNode:
	default:
		return n
	}
	out := *n
	out.Content = nil
	for i := first; i < len(n.Content); i += step {
		word := fmt.Sprint(i)
		if first == 1 {
			word = n.Content[i-1].Value
		}
		below := strings.TrimPrefix(path+"."+word, ".")
		if gone[below] {
			continue
		}
		out.Content = append(out.Content, n.Content[i-first:i]...)
		out.Content = append(out.Content, e.pruned(n.Content[i], below, gone))
	}
	e.origins[&out] = e.origins[n]
	return &out
}

// resolve turns the words of a path into the path with numbers that the tree
// has; "" and what is known there when it has none.
func resolve(n *yaml.Node, words []string) (path, hint string) {
	for len(words) > 0 {
		word := words[0]
		switch at, of := find(n, words); {
		case at >= 0:
			word, n, words = strings.Join(words[:of], "."), n.Content[at+1], words[of:]
		case n.Kind == yaml.SequenceNode:
			i, text := entry(n, word)
			if text != "" {
				return "", registry.Suggest(word, entryNames(n))
			}
			word, n = fmt.Sprint(i), n.Content[i]
			words = below(n, words)
		default:
			return "", registry.Suggest(word, keysOf(n))
		}
		path += "." + word
	}
	return strings.TrimPrefix(path, "."), ""
}

func keysOf(n *yaml.Node) []string {
	var words []string
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			words = append(words, n.Content[i].Value)
		}
	}
	return words
}
