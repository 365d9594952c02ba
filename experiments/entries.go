package experiments

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// entry finds the entry of a list that a word means: the one of that number,
// counted from 0, or the only one of that name. text says why there is none.
func entry(list *yaml.Node, word string) (i int, text string) {
	length := 0
	if list != nil && list.Kind == yaml.SequenceNode {
		length = len(list.Content)
	}
	if at, err := strconv.Atoi(word); err == nil && at >= 0 && at < length {
		return at, ""
	}
	found, names := 0, entryNames(list)
	for at, name := range names {
		if name == word {
			i, found = at, found+1
		}
	}
	switch found {
	case 1:
		return i, ""
	case 0:
		return 0, fmt.Sprintf("no entry %q in a list of %d", word, length)
	}
	return 0, fmt.Sprintf("%d entries of the list are called %q", found, word)
}

// entryNames names the entries of a list: a part by its name, a phase by its
// setting name, a plain value by itself. An entry without one is "".
func entryNames(list *yaml.Node) []string {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	var names []string
	for _, n := range list.Content {
		names = append(names, entryName(n))
	}
	if !slices.ContainsFunc(names, func(name string) bool { return name != "" }) {
		return nil
	}
	return names
}

func entryName(n *yaml.Node) string {
	if at := lookup(n, "name"); at >= 0 {
		return n.Content[at+1].Value
	}
	switch {
	case n.Kind == yaml.ScalarNode:
		return n.Value
	case n.Kind == yaml.MappingNode && len(n.Content) == 2:
		return n.Content[0].Value
	}
	return ""
}

// below gives the words of a path that count below an entry, of which the first calls it.
// Where that is the name of a part, its settings may follow at once: augment.rotate.degrees
// is augment.rotate.rotate.degrees.
func below(n *yaml.Node, words []string) []string {
	part := n != nil && lookup(n, "name") < 0 && entryName(n) == words[0]
	if part && len(words) > 1 && words[1] != words[0] {
		return words
	}
	return words[1:]
}

// spelled gives the words of a path with those that below fills in.
func spelled(n *yaml.Node, words []string) (out []string) {
	for len(words) > 0 {
		_, of := find(n, words)
		out = append(out, strings.Join(words[:of], "."))
		at, _ := reach(n, words[:of])
		if n != nil && n.Kind == yaml.SequenceNode {
			words = below(at, words)
		} else {
			words = words[of:]
		}
		n = at
	}
	return out
}

// find finds the entry of a map that a path leads to: that of its first word, or of more of
// them, since names of entries may have points themselves, as settings that a sweep varies
// and groups of layers. of says of how many.
func find(n *yaml.Node, words []string) (i, of int) {
	for of = len(words); of > 0; of-- {
		if i = lookup(n, strings.Join(words[:of], ".")); i >= 0 {
			return i, of
		}
	}
	return -1, 1
}

// reach gives the node at the words below n; nil when there is none, and then
// text says so if a list on the way lacks the entry.
func reach(n *yaml.Node, words []string) (at *yaml.Node, text string) {
	for len(words) > 0 {
		switch i, of := find(n, words); {
		case i >= 0:
			n, words = n.Content[i+1], words[of:]
		case n != nil && n.Kind == yaml.SequenceNode:
			if i, text = entry(n, words[0]); text != "" {
				return nil, text
			}
			n = n.Content[i]
			words = below(n, words)
		default:
			return nil, ""
		}
	}
	return n, ""
}
