package registry

import (
	"encoding/json"
	"strings"

	"gopkg.in/yaml.v3"
)

// Schema is a JSON Schema (2020-12) under construction.
type Schema map[string]any

// SchemaOf describes the YAML that Decode takes for a struct whose value holds
// the defaults, as closed objects: no setting that is not declared, at no depth.
// whole wants what must be given. partial does not: it is for a file that lays
// its settings over those of another (in lists, which replace each other, an
// entry must be whole there too). defs are the kinds of parts that both refer to
// as #/$defs/<kind>.
func SchemaOf(defaults any) (whole, partial Schema, defs Schema) {
	kinds := KindsOf(defaults)
	s := schemer{needy(kinds)}
	defs = Schema{}
	for _, kind := range kinds {
		defs[s.defName(kind.What, false)] = s.kindSchema(kind, false)
		defs[s.defName(kind.What, true)] = s.kindSchema(kind, true)
	}
	all := SettingsOf(defaults)
	return s.object(all, false), s.object(all, true), defs
}

// schemer knows the kinds of which some part needs a setting: they have a
// definition for whole files and one for files that inherit.
type schemer struct{ needy map[string]bool }

func needy(kinds []KindInfo) map[string]bool {
	out := map[string]bool{}
	for changed := true; changed; {
		changed = false
		for _, kind := range kinds {
			for _, p := range kind.Parts {
				if !out[kind.What] && anyNeedy(p.Settings, out) {
					out[kind.What], changed = true, true
				}
			}
		}
	}
	return out
}

func anyNeedy(settings []Setting, kinds map[string]bool) bool {
	for _, s := range settings {
		if s.Needed || s.Type == "part" && kinds[s.Kind] || anyNeedy(s.Settings, kinds) {
			return true
		}
		if s.Type == "map" && anyNeedy([]Setting{*s.Element}, kinds) {
			return true
		}
	}
	return false
}

// defName is the name of a kind in $defs.
func (k schemer) defName(what string, partial bool) string {
	name := strings.ReplaceAll(what, " ", "_")
	if partial && k.needy[what] {
		name += "_over_inherited"
	}
	return name
}

// kindSchema takes the name of a part, or a map of the name to its settings.
func (k schemer) kindSchema(kind KindInfo, partial bool) Schema {
	var bare, helps, ways []any
	parts := Schema{}
	for _, p := range kind.Parts {
		if short := k.shortSchema(p); short != nil {
			ways = append(ways, short)
		}
		settings := k.object(p.Settings, partial)
		settings["description"] = p.Help
		if partial || !needsAny(p.Settings) {
			bare, helps = append(bare, p.Name), append(helps, p.Help)
			settings = orNull(settings)
		}
		parts[p.Name] = settings
	}
	one := Schema{"type": "object", "properties": parts, "additionalProperties": false, "minProperties": 1, "maxProperties": 1}
	ways = append(ways, one)
	if len(bare) > 0 { // enumDescriptions is what editors show beside each word
		ways = append([]any{Schema{"type": "string", "enum": bare, "enumDescriptions": helps}}, ways...)
	}
	if len(ways) == 1 {
		return one
	}
	return Schema{"anyOf": ways}
}

// object is a closed map of settings.
func (k schemer) object(settings []Setting, partial bool) Schema {
	properties, required := Schema{}, []any{}
	for _, s := range settings {
		properties[s.Name] = k.property(s, partial)
		if needs(s) {
			required = append(required, s.Name)
		}
	}
	out := Schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 && !partial {
		out["required"] = required
	}
	return out
}

// needs says whether a file must mention a setting: itself, or one below it.
func needs(s Setting) bool {
	return s.Needed || s.Type == "settings" && !s.Optional && needsAny(s.Settings)
}

func needsAny(settings []Setting) bool {
	for _, s := range settings {
		if needs(s) {
			return true
		}
	}
	return false
}

// property is the schema of one setting with its help and default.
func (k schemer) property(s Setting, partial bool) Schema {
	out := k.valueSchema(s, partial)
	emptied := (s.Type == "settings" || s.Type == "part") && (partial || !needs(s))
	if s.Optional || emptied {
		out = orNull(out)
	}
	if s.Help != "" {
		out["description"] = s.Help
		if s.Unit != "" {
			out["description"] = s.Help + " (" + s.Unit + ")"
		}
	}
	if value, ok := defaultValue(s); ok {
		out["default"] = value
	}
	return out
}

// valueSchema is the schema of a value; the entries of a list must be whole.
func (k schemer) valueSchema(s Setting, partial bool) Schema {
	switch s.Type {
	case "part":
		return Schema{"$ref": "#/$defs/" + k.defName(s.Kind, partial)}
	case "settings":
		return k.object(s.Settings, partial)
	case "list":
		return k.listSchema(s)
	case "map":
		out := Schema{"type": "object", "additionalProperties": k.property(*s.Element, partial)}
		if s.Alone != "" {
			out = Schema{"anyOf": []any{leafSchema(*s.Element), out}}
		}
		return out
	}
	return leafSchema(s)
}

func (k schemer) listSchema(s Setting) Schema {
	out := Schema{"type": "array", "items": k.property(*s.Element, false)}
	switch {
	case s.Length > 0:
		out["minItems"], out["maxItems"] = s.Length, s.Length
	case s.Required:
		out["minItems"] = 1
	}
	return out
}

// orNull takes an empty value too.
func orNull(s Schema) Schema {
	if text, ok := s["type"].(string); ok && s["enum"] == nil {
		s["type"] = []any{text, "null"}
		return s
	}
	return Schema{"anyOf": []any{s, Schema{"type": "null"}}}
}

// defaultValue is the default as JSON; false where there is none to speak of.
func defaultValue(s Setting) (any, bool) {
	if s.Needed || s.Default == "" || s.Type == "settings" {
		return nil, false
	}
	var value any
	if err := yaml.Unmarshal([]byte(s.Default), &value); err != nil || value == nil {
		return nil, false
	}
	_, err := json.Marshal(value)
	return value, err == nil
}
