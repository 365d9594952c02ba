package registry

import (
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// PartInfo describes a part for the schema and the reference.
type PartInfo struct {
	Name, Help string
	Settings   []Setting
	// Example is one use as YAML, on one line where it is not given otherwise.
	Example string
}

// Setting describes one setting for the schema and the reference.
type Setting struct {
	Name, Help, Unit string
	// Type is one of bool, int, uint, float, count, text, path, duration, time, any,
	// part, settings, list, map.
	Type string
	// Default is the default as YAML on one line.
	Default string
	// Required says that it may not be empty, Needed that the file must give it
	// (there is no default), Optional that it may be null.
	Required, Needed, Optional bool
	// Short says that the value may stand alone for the settings of its part.
	Short bool
	// The limits as the tags write them; "" where there is none. For a list
	// or a map they hold for each element.
	Min, Max, Over, Under string
	Choices               []string
	// Words may stand in place of a path.
	Words []string
	// Kind names the parts to choose from, for the type part.
	Kind string
	// Alone is the name of the value of a map that may be written alone; "" where none may.
	Alone string
	// Length is how many elements a list must have; 0 means any number.
	Length int
	// Settings are those of the type settings.
	Settings []Setting
	// Element describes the elements of a list or a map.
	Element *Setting
}

// Parts describes all parts in alphabetical order.
func (k *Kind[P]) Parts() []PartInfo { return k.set.infos() }

func (s *set) infos() []PartInfo {
	var out []PartInfo
	for _, name := range s.names() {
		fresh, _ := s.fresh(name)
		complete(fresh)
		s.mu.RLock()
		p := s.parts[name]
		s.mu.RUnlock()
		out = append(out, PartInfo{name, p.help, settings(fresh), p.use(fresh)})
	}
	return out
}

// use is the example of a part whose complete defaults are given.
func (p part) use(defaults reflect.Value) string {
	if p.example != "" {
		return p.example
	}
	value := encode(defaults)
	if len(value.Content) == 0 {
		return p.name
	}
	return p.name + ": " + oneLine(value)
}

// KindInfo is a set of parts, for the schema and the reference.
type KindInfo struct {
	What string
	// Path is where the first setting that chooses from it stands:
	// train.phases[].schedule.
	Path  string
	Parts []PartInfo
}

// KindsOf lists the kinds that v, or a part reached from it, chooses from, in
// the order in which they are met.
func KindsOf(v any) []KindInfo {
	var out []KindInfo
	for _, r := range partTypes(reflect.TypeOf(v)) {
		s := setOf(r.one)
		out = append(out, KindInfo{s.what, r.path, s.infos()})
	}
	return out
}

// reached is a type of One and the path of the first setting that holds it.
type reached struct {
	one  reflect.Type
	path string
}

// partTypes lists the types of One that are reached from a type.
func partTypes(from reflect.Type) []reached {
	var out []reached
	done := map[reflect.Type]bool{}
	var visit func(t reflect.Type, path string)
	visit = func(t reflect.Type, path string) {
		switch {
		case done[t]:
		case isOne(t):
			done[t] = true
			out = append(out, reached{t, path})
			s := setOf(t)
			for _, name := range s.names() {
				fresh, _ := s.fresh(name)
				visit(fresh.Type(), join(path, name))
			}
		case t.Kind() == reflect.Struct:
			done[t] = true
			for _, f := range fieldsOf(t) {
				visit(f.kind, join(path, f.name))
			}
		case t.Kind() == reflect.Pointer:
			visit(t.Elem(), path)
		case holds(t):
			visit(t.Elem(), path+"[]")
		}
	}
	visit(from, "")
	return out
}

// SettingsOf describes the settings of a struct whose value holds the defaults.
func SettingsOf(defaults any) []Setting {
	v := clone(reflect.ValueOf(defaults))
	verifyType(v.Type())
	complete(v)
	return settings(v)
}

func settings(v reflect.Value) []Setting {
	var out []Setting
	for _, f := range fieldsOf(v.Type()) {
		s := setting(v.FieldByIndex(f.index), f.limits)
		s.Name, s.Help, s.Unit = f.name, f.help, f.unit
		s.Needed, s.Short = needed(v.FieldByIndex(f.index), f), f.short
		s.Required = f.required || s.Type == "part" && !s.Optional && s.Default == "null"
		out = append(out, s)
	}
	return out
}

// needed says whether a setting has no default that could stand.
func needed(v reflect.Value, f field) bool {
	if !isOne(v.Type()) {
		return f.required && v.IsZero()
	}
	if oneName(v).String() == "" {
		return true
	}
	held := onePart(v).Elem()
	return held.Kind() == reflect.Struct && needsAny(settings(clone(held)))
}

// setting describes a value; name and help are up to the caller.
func setting(v reflect.Value, l limits) Setting {
	if v.Kind() == reflect.Pointer {
		inner := blank(v.Type().Elem())
		if !v.IsNil() {
			inner = v.Elem()
		}
		s := setting(inner, l)
		s.Optional, s.Default = true, oneLine(encode(v))
		return s
	}
	s := Setting{Type: typeName(v.Type()), Default: oneLine(encode(v)), Choices: l.choices, Words: l.words}
	s.Min, s.Max, s.Over, s.Under = l.text(l.min), l.text(l.max), l.text(l.over), l.text(l.under)
	switch {
	case s.Type == "part":
		s.Kind = setOf(v.Type()).what
	case s.Type == "settings":
		s.Settings = settings(v)
	case holds(v.Type()):
		element := setting(blank(v.Type().Elem()), l)
		s.Element = &element
	}
	if v.Kind() == reflect.Array {
		s.Length = v.Len()
	}
	s.Alone = aloneIn(v.Type())
	return s
}

func typeName(t reflect.Type) string {
	switch k := t.Kind(); {
	case isOne(t):
		return "part"
	case t == durationType:
		return "duration"
	case t == pathType:
		return "path"
	case t == timeType:
		return "time"
	case t == anyType:
		return "any"
	case t == countType:
		return "count"
	case k == reflect.Struct:
		return "settings"
	case k == reflect.Slice || k == reflect.Array:
		return "list"
	case k == reflect.String:
		return "text"
	case isInt(k):
		return "int"
	case isUint(k):
		return "uint"
	case isFloat(k):
		return "float"
	}
	return t.Kind().String()
}

// text writes a bound without its unit; "" when there is none.
func (l limits) text(bound *float64) string {
	if bound == nil {
		return ""
	}
	return limits{duration: l.duration}.show(*bound)
}

// oneLine writes a node in flow style.
func oneLine(n *yaml.Node) string {
	flow(n)
	out, err := yaml.Marshal(n)
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func flow(n *yaml.Node) {
	if n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode {
		n.Style = yaml.FlowStyle
	}
	for _, child := range n.Content {
		flow(child)
	}
}
