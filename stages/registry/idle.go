package registry

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// condition is what the tag when says: the setting counts only while another one
// of the same struct has one of some values. `when:"by=tag,percentiles"`.
type condition struct {
	setting string
	values  []string
}

func readCondition(tag string) (condition, error) {
	if tag == "" {
		return condition{}, nil
	}
	setting, values, found := strings.Cut(tag, "=")
	if !found || setting == "" || values == "" {
		return condition{}, fmt.Errorf("when: want setting=value,value, got %q", tag)
	}
	return condition{setting, strings.Split(values, ",")}, nil
}

// Idle lists the settings of v that have no effect because of what another
// setting says, of those that said says the file gives. Their paths begin at v.
func Idle(v any, said func(path string) bool) []FieldProblem {
	i := idler{said: said}
	i.walk("", reflect.ValueOf(v))
	return i.found
}

type idler struct {
	said  func(path string) bool
	found []FieldProblem
}

func (i *idler) walk(path string, v reflect.Value) {
	switch {
	case !v.IsValid():
	case isOne(v.Type()):
		i.walk(join(path, oneName(v).String()), onePart(v).Elem())
	case v.Kind() == reflect.Pointer:
		i.walk(path, v.Elem())
	case v.Kind() == reflect.Struct:
		i.structure(path, v)
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		for at := range v.Len() {
			i.walk(join(path, fmt.Sprint(at)), v.Index(at))
		}
	case v.Kind() == reflect.Map:
		for _, key := range v.MapKeys() {
			i.walk(join(path, key.String()), v.MapIndex(key))
		}
	}
}

func (i *idler) structure(path string, v reflect.Value) {
	fields := fieldsOf(v.Type())
	for _, f := range fields {
		below := join(path, f.name)
		if f.when.setting != "" && i.said(below) {
			other, _ := findField(fields, f.when.setting)
			if now := word(v.FieldByIndex(other.index)); !slices.Contains(f.when.values, now) {
				i.found = append(i.found, FieldProblem{below, fmt.Sprintf("has no effect: %s is %s", f.when.setting, now),
					fmt.Sprintf("it counts with %s: %s", f.when.setting, strings.Join(f.when.values, " or "))})
			}
		}
		i.walk(below, v.FieldByIndex(f.index))
	}
}

// word is a value as YAML writes it; of a part its name.
func word(v reflect.Value) string {
	if isOne(v.Type()) {
		return oneName(v).String()
	}
	return fmt.Sprint(v.Interface())
}
