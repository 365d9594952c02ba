package registry

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Decode reads a YAML value into *into and reports every mistake. It is strict
// at every depth. What the file does not say keeps the value it has in *into;
// maps and lists are replaced whole; a part begins from its own defaults. An
// empty value leaves a section or a part at its default and makes an optional
// setting (a pointer) nil; anywhere else it is a problem.
//
// into must be a pointer. Decode panics on a mistake in the declaration of its
// type, such as a setting without help.
func Decode(n *yaml.Node, file string, into any) Problems {
	return DecodeFrom(n, FromFile(file), into)
}

// DecodeFrom is Decode for a tree whose nodes come from several files.
func DecodeFrom(n *yaml.Node, where Where, into any) Problems {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic(fmt.Sprintf("registry: Decode into %T, want a pointer", into))
	}
	v = v.Elem()
	verifyType(v.Type())
	detach(v) // first: what is completed is nobody else's default
	complete(v)
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	problems, walkable := inspect(n, where)
	if !walkable {
		return problems
	}
	d := &decoder{where: where, problems: problems}
	d.value(place{n: n, at: n}, v, limits{})
	return d.problems.Sorted()
}

// decoder collects the problems of one tree.
type decoder struct {
	where    Where
	problems Problems
	wrong    int // places that gave no value, also those that inspect told or that are too many to tell
}

// place is a value in the tree: n is what is read, at is the node that messages
// point to (they differ where the file says nothing), path its name.
type place struct {
	n, at *yaml.Node
	path  string
}

// item is an entry of a list.
func (p place) item(i int) place {
	n := p.n.Content[i]
	return place{n, n, join(p.path, strconv.Itoa(i))}
}

// entry is a value of a map; messages about a whole map, or about a value left
// empty, point to its name.
func (p place) entry(i int) place {
	key, n := follow(p.n.Content[i]), p.n.Content[i+1]
	at := n
	if value := follow(n); value.Kind == yaml.MappingNode || isNull(value) {
		at = key
	}
	return place{n, at, join(p.path, key.Value)}
}

// silent is a child that the file does not mention.
func (p place) silent(name string) place {
	return place{&yaml.Node{Kind: yaml.MappingNode}, p.at, join(p.path, name)}
}

func (d *decoder) add(p place, text, hint string) { d.addAt(p.at, p.path, text, hint) }

func (d *decoder) addAt(at *yaml.Node, path, text, hint string) {
	d.wrong++
	if len(d.problems) >= maxProblems {
		return
	}
	d.problems = append(d.problems, Problem{
		File: d.where(at).File, Line: at.Line, Column: at.Column, Path: path, Text: text, Hint: hint})
}

// missing notes that a required setting is not given.
func (d *decoder) missing(p place, name, hint string) {
	before := len(d.problems)
	if d.add(p, name+" is missing", hint); len(d.problems) > before {
		d.problems[before].Missing = true
	}
}

// value reads any value. The limits are those of the setting it belongs to.
func (d *decoder) value(p place, v reflect.Value, l limits) {
	p.n, p.at = follow(p.n), follow(p.at)
	switch {
	case isOne(v.Type()):
		d.part(p, v)
	case v.Type() == anyType:
		readAny(p.n, v)
	case v.Kind() == reflect.Pointer:
		d.optional(p, v, l)
	case v.Kind() == reflect.Struct:
		d.structure(p, v)
	case isNull(p.n):
		d.add(p, "is empty", "want "+describe(v.Type())+", or remove the line")
	case v.Kind() == reflect.Slice:
		d.whole(p, v, func() { d.list(p, v, l) })
	case v.Kind() == reflect.Array:
		d.whole(p, v, func() { d.array(p, v, l) })
	case v.Kind() == reflect.Map:
		d.whole(p, v, func() { d.dictionary(p, v, l) })
	default:
		d.scalar(p, v, l)
	}
}

func (d *decoder) optional(p place, v reflect.Value, l limits) {
	if isNull(p.n) {
		v.SetZero()
		return
	}
	fresh := reflect.New(v.Type().Elem())
	if v.IsNil() {
		fresh.Elem().Set(blank(v.Type().Elem()))
	} else {
		fresh.Elem().Set(v.Elem())
	}
	d.value(p, fresh.Elem(), l)
	v.Set(fresh)
}

// settingHint says what a name may have been meant as that is no setting. A number that has no
// value follows a decimal comma: {ratio: 0,5}.
func settingHint(key, value *yaml.Node, fields []field) string {
	if _, err := strconv.Atoi(key.Value); err == nil && isNull(value) {
		return "write the decimal point as a point"
	}
	return Suggest(key.Value, fieldNames(fields))
}

// structure reads the settings of a struct.
func (d *decoder) structure(p place, v reflect.Value) {
	fields := fieldsOf(v.Type())
	if isNull(p.n) {
		p.n = &yaml.Node{Kind: yaml.MappingNode}
	}
	if p.n.Kind != yaml.MappingNode {
		d.addAt(p.n, p.path, fmt.Sprintf("want settings, got %s", got(p.n)), settingsHint(fields))
		return
	}
	before := d.wrong
	seen := map[string]bool{}
	for i := 0; i+1 < len(p.n.Content); i += 2 {
		key := follow(p.n.Content[i])
		f, known := findField(fields, key.Value)
		switch {
		case key.Kind != yaml.ScalarNode || key.Tag == "!!merge" || seen[key.Value]: // inspect told
			d.wrong++
		case !known:
			d.addAt(key, p.path, fmt.Sprintf("no setting %q", key.Value), settingHint(key, follow(p.n.Content[i+1]), fields))
		default:
			d.setting(p.entry(i), v.FieldByIndex(f.index), f)
		}
		seen[key.Value] = true
	}
	for _, f := range fields {
		if !seen[f.name] {
			d.absent(p, v.FieldByIndex(f.index), f)
		}
	}
	if d.wrong == before {
		d.validate(p, v)
	}
}

// setting reads a setting that the file mentions. One that is required may not
// be an empty text, list or map.
func (d *decoder) setting(p place, v reflect.Value, f field) {
	before := d.wrong
	d.value(p, v, f.limits)
	k := v.Kind()
	holder := k == reflect.String || k == reflect.Slice || k == reflect.Map
	if f.required && holder && v.IsZero() && d.wrong == before {
		d.add(p, "is empty", f.help)
	}
}

func settingsHint(fields []field) string {
	if len(fields) == 0 {
		return "it has no settings"
	}
	return "the settings are: " + strings.Join(fieldNames(fields), ", ")
}

// absent looks after a setting that the file does not mention: it may be
// required, or hold required ones.
func (d *decoder) absent(p place, v reflect.Value, f field) {
	switch {
	case isOne(v.Type()):
		d.absentPart(p, v, f)
	case f.required && v.IsZero():
		d.missing(p, f.name, f.help)
	case v.Kind() == reflect.Struct:
		d.structure(p.silent(f.name), v)
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Map:
		d.validate(p.silent(f.name), v)
	}
}
