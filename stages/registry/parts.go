package registry

import (
	"fmt"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// part reads a setting that holds one part.
func (d *decoder) part(p place, v reflect.Value) {
	s := setOf(v.Type())
	switch {
	case isNull(p.n):
		d.emptyPart(p, v, s)
	case p.n.Kind == yaml.ScalarNode:
		d.named(p, v, p.n, &yaml.Node{Kind: yaml.MappingNode})
	case p.n.Kind != yaml.MappingNode || len(p.n.Content) == 0:
		d.add(p, fmt.Sprintf("want one %s, got %s", s.what, got(p.n)), Suggest("", s.names()))
	case d.short(p, v, s):
	case len(p.n.Content) > 2:
		d.add(p, fmt.Sprintf("want one %s, got %d: %s", s.what, len(p.n.Content)/2, keys(p.n)), manyHint(s, p.n))
	default:
		d.named(p, v, p.n.Content[0], p.n.Content[1])
	}
}

// short reads a part that is given in the short way, if it is.
func (d *decoder) short(p place, v reflect.Value, s *set) bool {
	name, settings, ok := s.long(p.n)
	if ok {
		d.named(p, v, name, settings)
	}
	return ok
}

// emptyPart keeps the default, which must then exist.
func (d *decoder) emptyPart(p place, v reflect.Value, s *set) {
	if oneName(v).String() == "" {
		d.add(p, "want one "+s.what+", got nothing", Suggest("", s.names()))
		return
	}
	p.n = &yaml.Node{Kind: yaml.MappingNode}
	d.defaultPart(p, v)
}

// named reads the part that key names.
func (d *decoder) named(p place, v reflect.Value, key, settings *yaml.Node) {
	s, key := setOf(v.Type()), follow(key)
	fresh, ok := s.fresh(key.Value)
	switch {
	case key.Kind != yaml.ScalarNode || key.Tag == "!!merge": // inspect told
		d.wrong++
		return
	case !ok:
		d.addAt(key, p.path, fmt.Sprintf("no %s %q", s.what, shorten(key.Value)), Suggest(key.Value, s.names()))
		return
	}
	complete(fresh)
	settings = follow(settings)
	d.structure(place{settings, key, join(p.path, key.Value)}, fresh)
	oneName(v).SetString(key.Value)
	onePart(v).Set(fresh)
}

// absentPart looks after a part that the file does not mention.
func (d *decoder) absentPart(p place, v reflect.Value, f field) {
	if oneName(v).String() == "" {
		d.missing(p, f.name, Suggest("", setOf(v.Type()).names()))
		return
	}
	d.defaultPart(p.silent(f.name), v)
}

// defaultPart checks a part that keeps its default: it may hold required
// settings.
func (d *decoder) defaultPart(p place, v reflect.Value) {
	held := clone(onePart(v).Elem())
	if held.Kind() != reflect.Struct {
		return
	}
	p.path = join(p.path, oneName(v).String())
	d.structure(p, held)
	onePart(v).Set(held)
}

func keys(n *yaml.Node) string {
	var words []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		words = append(words, shorten(follow(n.Content[i]).Value))
	}
	return strings.Join(words, ", ")
}

// manyHint tells the two common slips apart: settings that are not indented
// below their part, and two parts under one dash.
func manyHint(s *set, n *yaml.Node) string {
	first := follow(n.Content[0]).Value
	settings, ok := s.fresh(first)
	if ok && isNull(follow(n.Content[1])) {
		if _, found := findField(fieldsOf(settings.Type()), follow(n.Content[2]).Value); found {
			return "indent the settings of " + first + " below it"
		}
	}
	return "in a list, begin each with a dash of its own"
}
