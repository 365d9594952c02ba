package registry

import (
	"fmt"
	"reflect"

	"gopkg.in/yaml.v3"
)

// A part whose struct has a field with the tag short:"true" may be written with
// the value of that field in the place of its settings, and the other settings
// beside it. These are the same:
//
//	{log: [1e-5, 1e-2], points: 4}
//	{log: {range: [1e-5, 1e-2], points: 4}}
//
// The field may hold no map and no settings, which could not be told from the
// settings of the part.

// shortField finds the field that may stand alone.
func shortField(t reflect.Type) (field, bool) {
	for _, f := range fieldsOf(t) {
		if f.short {
			return f, true
		}
	}
	return field{}, false
}

// verifyShort panics where a field could not stand alone.
func verifyShort(where string, f field) {
	kind := f.kind
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if f.short && (kind.Kind() == reflect.Map || kind.Kind() == reflect.Struct) {
		panic(fmt.Sprintf("registry: %s: short on a setting that holds names", where))
	}
}

// long writes a part out that is given in the short way: it gives the name and
// the settings. false where it is not, or where what stands beside the name are
// no settings of the part.
func (s *set) long(n *yaml.Node) (name, settings *yaml.Node, ok bool) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := follow(n.Content[i]), follow(n.Content[i+1])
		fresh, known := s.fresh(key.Value)
		if !known || value.Kind == yaml.MappingNode || isNull(value) {
			continue
		}
		f, has := shortField(fresh.Type())
		if !has {
			continue
		}
		word := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: f.name, Line: value.Line, Column: value.Column}
		settings = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: key.Line, Column: key.Column, Content: []*yaml.Node{word, value}}
		for j := 0; j+1 < len(n.Content); j += 2 {
			beside := follow(n.Content[j])
			if j == i {
				continue
			}
			if _, setting := findField(fieldsOf(fresh.Type()), beside.Value); !setting || beside.Value == f.name {
				return nil, nil, false
			}
			settings.Content = append(settings.Content, beside, n.Content[j+1])
		}
		return key, settings, true
	}
	return nil, nil, false
}

// shortSchema is what the short way looks like; nil for a part without one.
func (k schemer) shortSchema(p PartInfo) Schema {
	properties, found := Schema{}, false
	for _, s := range p.Settings {
		if s.Short {
			found = true
			properties[p.Name] = k.property(s, false)
			continue
		}
		properties[s.Name] = k.property(s, false)
	}
	if !found {
		return nil
	}
	return Schema{"type": "object", "properties": properties, "required": []any{p.Name}, "additionalProperties": false, "description": p.Help}
}

// Long writes a part out as a map of its name to its settings where n gives it
// in the short way; otherwise it is n. t is the type of a One.
func Long(t reflect.Type, n *yaml.Node) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode || !IsOne(t) {
		return n
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name, settings, ok := setOf(t).long(n)
	if !ok {
		return n
	}
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column, Content: []*yaml.Node{name, settings}}
}
