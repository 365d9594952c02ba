package experiments

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// set applies one --set path=value to the tree. The path is the one that
// messages use: names and, in lists, numbers from 0 (the number after the last
// one appends). What stood there is replaced; maps and parts on the way are
// made where they are missing. The value is YAML; paths of files in it are
// relative to the working directory.
func (d *document) set(assignment string) {
	origin := registry.Origin{File: "--set " + strings.ToValidUTF8(assignment, "\uFFFD")}
	path, text, found := strings.Cut(assignment, "=")
	if !utf8.ValidString(path) || strings.ContainsFunc(path, unicode.IsControl) {
		d.problems = append(d.problems, registry.Problem{File: strings.Map(shown, origin.File),
			Text: "the path is no UTF-8 text, or has a control character", Hint: "such as train.batch=32 or train.phases.0.epochs=3"})
		return
	}
	words := strings.Split(path, ".")
	if !found || slices.Contains(words, "") {
		d.problems = append(d.problems, registry.Problem{File: origin.File,
			Text: "want path=value", Hint: "such as train.batch=32 or train.phases.0.epochs=3"})
		return
	}
	if strings.TrimSpace(text) == "" {
		d.problems = append(d.problems, registry.Problem{File: origin.File, Path: path,
			Text: "there is no value", Hint: "write " + path + `='""' for an empty text`})
		return
	}
	value, problems := parseValue(origin.File, text)
	if value == nil { // of a value that can be read the decoder tells the same, with whole paths
		for _, p := range problems {
			p.Line, p.Column, p.Path = 0, 0, path
			d.problems = append(d.problems, p)
		}
		return
	}
	unplace(value, map[*yaml.Node]bool{})
	d.adopt(value, origin)
	s := setter{d, &yaml.Node{}, path, value}
	d.origins[s.place] = origin
	d.root = s.put(d.root, words, d.target)
}

// parseValue reads a value, which unlike a file may be null: no part, no limit.
func parseValue(file, text string) (*yaml.Node, registry.Problems) {
	null := yaml.Node{Kind: yaml.ScalarNode, Value: strings.TrimSpace(text)}
	if null.ShortTag() == "!!null" {
		return &null, nil
	}
	return registry.Parse(file, []byte(text))
}

// shown is what stands for a letter in a message.
func shown(r rune) rune {
	if unicode.IsControl(r) {
		return '\uFFFD'
	}
	return r
}

// unplace forgets line and column: they mean nothing on a command line.
func unplace(n *yaml.Node, done map[*yaml.Node]bool) {
	if done[n] {
		return
	}
	done[n] = true
	n.Line, n.Column = 0, 0
	for _, child := range n.Content {
		unplace(child, done)
	}
}

// setter puts one value into the tree. It copies what it changes, since parts
// of the tree may be shared by aliases. What it has to make on the way stands,
// for messages, at place.
type setter struct {
	*document
	place *yaml.Node
	path  string
	value *yaml.Node
}

// put gives n (nil where the tree has nothing) with the value at words.
func (s setter) put(n *yaml.Node, words []string, t reflect.Type) *yaml.Node {
	switch {
	case len(words) == 0:
		return s.value
	case registry.IsOne(t):
		return s.putPart(n, words, t)
	case isList(n, t):
		return s.putItem(n, words, t)
	}
	pairs, words := []*yaml.Node(nil), s.wholeNames(n, words, t)
	at := lookup(n, words[0])
	if n != nil && n.Kind == yaml.MappingNode {
		pairs = slices.Clone(n.Content)
	}
	if at < 0 {
		at = len(pairs)
		pairs = append(pairs, s.word(words[0]), nil)
	}
	if len(words) == 1 { // messages about an empty value, or a whole map, point to its name
		pairs[at] = s.word(words[0])
	}
	pairs[at+1] = s.put(pairs[at+1], words[1:], registry.Under(t, words[0]))
	return s.at(n, pairs)
}

// wholeNames joins the first words of a path below a map to the name of its entry, which may
// have points: one that is there, or in a map of any names a new one.
func (s setter) wholeNames(n *yaml.Node, words []string, t reflect.Type) []string {
	i, of := find(n, words)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if i < 0 && t != nil && t.Kind() == reflect.Map {
		of = s.newName(words, t.Elem())
	}
	return append([]string{strings.Join(words[:of], ".")}, words[of:]...)
}

// newName says of how many words the name of a new entry of a map is: those before the name
// of a part, whose setting may follow; all, where the value is a part itself or no part
// belongs there; else one.
func (s setter) newName(words []string, entry reflect.Type) int {
	given := s.value.Kind == yaml.MappingNode && len(s.value.Content) > 0 && registry.Under(entry, s.value.Content[0].Value) != nil
	for of, last := 1, len(words)-1; of <= last; of++ {
		part := registry.Under(entry, words[of])
		if part != nil && (of == last && !given || of < last && registry.Under(part, words[of+1]) != nil) {
			return of
		}
	}
	if registry.IsOne(entry) && !given && registry.Under(entry, s.value.Value) == nil {
		return 1
	}
	return len(words)
}

// putPart keeps the settings of a part that is named already; another part
// takes its place with its own defaults.
func (s setter) putPart(n *yaml.Node, words []string, t reflect.Type) *yaml.Node {
	if now := partNow(n, t, words[0]); now != "" {
		above := strings.TrimSuffix(s.path, "."+strings.Join(words, "."))
		s.add(s.place, s.path, fmt.Sprintf("%s is a setting of %s, which the path does not name", words[0], now),
			fmt.Sprintf("write %s.%s.%s", above, now, strings.Join(words, ".")))
		return n
	}
	var settings *yaml.Node
	if at := lookup(n, words[0]); at >= 0 && len(n.Content) == 2 {
		settings = n.Content[1]
	}
	return s.at(n, []*yaml.Node{s.word(words[0]), s.put(settings, words[1:], registry.Under(t, words[0]))})
}

// partNow names the part that stands at n where a word, which is no part of its kind t,
// is one of its settings; else "".
func partNow(n *yaml.Node, t reflect.Type, word string) string {
	if n == nil || registry.Under(t, word) != nil {
		return ""
	}
	if now := entryName(n); registry.Under(registry.Under(t, now), word) != nil {
		return now
	}
	return ""
}

func (s setter) putItem(n *yaml.Node, words []string, t reflect.Type) *yaml.Node {
	length := 0
	if n != nil && n.Kind == yaml.SequenceNode {
		length = len(n.Content)
	}
	i, text := entry(n, words[0])
	if at, err := strconv.Atoi(words[0]); err == nil && at == length {
		i, text = at, ""
	}
	if text != "" {
		s.add(s.place, s.path, text, listHint(n, length))
		return s.list(n)
	}
	out := s.list(n)
	if i == length {
		out.Content = append(out.Content, nil)
	}
	out.Content[i] = s.put(out.Content[i], below(out.Content[i], words), registry.Under(t, words[0]))
	return out
}

// list copies a list, or begins one.
func (s setter) list(n *yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	s.stand(out)
	if n != nil && n.Kind == yaml.SequenceNode {
		out.Line, out.Column, out.Content = n.Line, n.Column, slices.Clone(n.Content)
		s.origins[out] = s.origins[n]
	}
	return out
}

func listHint(n *yaml.Node, length int) string {
	if n == nil {
		return "the files do not give this list; set the whole of it"
	}
	hint := fmt.Sprintf("entries count from 0; %d appends", length)
	if names := entryNames(n); len(names) > 0 && len(names) <= 12 {
		hint += "; known: " + strings.Join(names, ", ")
	}
	return hint
}

// stand places a node that no file holds.
func (s setter) stand(n *yaml.Node) {
	n.Line, n.Column = s.place.Line, s.place.Column
	s.origins[n] = s.origins[s.place]
}

// at makes a map in the place of n, or one that the --set itself says.
func (s setter) at(n *yaml.Node, pairs []*yaml.Node) *yaml.Node {
	if n != nil {
		return s.mapping(n, pairs)
	}
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: pairs}
	s.stand(out)
	return out
}

// word makes the name of a map entry.
func (s setter) word(name string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}
	s.stand(n)
	return n
}

// isList says whether a list stands or belongs here.
func isList(n *yaml.Node, t reflect.Type) bool {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return n != nil && n.Kind == yaml.SequenceNode
	}
	return t.Kind() == reflect.Slice || t.Kind() == reflect.Array
}
