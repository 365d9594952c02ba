package registry

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Help is what the part says of itself; "" where no part is named.
func (o One[P]) Help() string {
	s := setOf(reflect.TypeOf(o))
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.parts[o.Name].help
}

// Words puts a value of settings into words, as a text about an experiment does: of a part its
// name and, in brackets, the settings that act: "crop (around point, millimetres 44, outside edge)". What is empty, off
// or 0, what another setting keeps from acting, and what is left out by its words, such as "p 1",
// is not named. Of a path only the last name is told: folders say whose machine it was.
func Words(v any, except ...string) string {
	value := clone(reflect.ValueOf(v))
	complete(value)
	return sayer{except}.words(value)
}

type sayer struct{ except []string }

func (s sayer) words(v reflect.Value) string {
	switch k := v.Kind(); {
	case isOne(v.Type()):
		return s.part(v)
	case v.Type() == anyType:
		return oneLine(encode(v))
	case k == reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return s.words(v.Elem())
	case k == reflect.Struct:
		return s.settings(v)
	case k == reflect.Slice || k == reflect.Array:
		return s.list(v)
	case k == reflect.Map:
		return s.named(v)
	}
	return s.scalar(v)
}

func (s sayer) part(v reflect.Value) string {
	name := oneName(v).String()
	if name == "" {
		return ""
	}
	if settings := s.words(onePart(v).Elem()); settings != "" {
		return name + " (" + settings + ")"
	}
	return name
}

func (s sayer) settings(v reflect.Value) string {
	var out []string
	fields := fieldsOf(v.Type())
	for _, f := range fields {
		if !acts(fields, f, v) {
			continue
		}
		if text := s.setting(f, v.FieldByIndex(f.index)); text != "" && !slices.Contains(s.except, text) {
			out = append(out, text)
		}
	}
	return strings.Join(out, ", ")
}

// acts says whether no other setting keeps this one from having an effect.
func acts(fields []field, f field, v reflect.Value) bool {
	if f.when.setting == "" {
		return true
	}
	other, _ := findField(fields, f.when.setting)
	return slices.Contains(f.when.values, word(v.FieldByIndex(other.index)))
}

func (s sayer) setting(f field, v reflect.Value) string {
	said := strings.ReplaceAll(f.name, "_", " ")
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.Bool && v.Bool() {
		return said
	}
	text := s.words(v)
	switch {
	case v.IsZero() || text == "":
		return ""
	case v.Kind() == reflect.Struct && !isOne(v.Type()):
		return said + ": " + text
	case f.unit != "" && isScalar(v.Type()) && units[f.unit] != f.name:
		return said + " " + text + " " + f.unit
	}
	return said + " " + text
}

// units are settings that are called by their unit, which then need not be told.
var units = map[string]string{"mm": "millimetres", "px": "pixels", "°": "degrees"}

func (s sayer) list(v reflect.Value) string {
	var out []string
	between := " and "
	for i := range v.Len() {
		out = append(out, s.words(v.Index(i)))
		if isFloat(v.Index(i).Kind()) || isInt(v.Index(i).Kind()) {
			between = ", "
		}
	}
	if len(out) > 2 && between == " and " {
		return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
	}
	return strings.Join(out, between)
}

func (s sayer) named(v reflect.Value) string {
	var out []string
	for _, name := range v.MapKeys() {
		out = append(out, strings.TrimSpace(name.String()+" "+s.words(v.MapIndex(name))))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func (s sayer) scalar(v reflect.Value) string {
	switch {
	case v.Type() == pathType && v.String() != "":
		return filepath.Base(v.String())
	case isFloat(v.Kind()):
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	case v.Kind() == reflect.String:
		return v.String()
	}
	return strings.Trim(fmt.Sprint(encodeScalar(v).Value), `"`)
}
