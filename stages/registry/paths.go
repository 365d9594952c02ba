package registry

import (
	"fmt"
	"reflect"
	"slices"
)

// MapPaths gives a copy of v in which f has replaced each path that is given. f is told the
// setting, and whether it must be given, as one of a list or a map must. Words that stand in the place of a path, such as
// imagenet, stay.
func MapPaths[T any](v T, f func(setting string, p Path, required bool) Path) T {
	out := clone(reflect.ValueOf(v))
	pathMapper(f).walk("", out, field{})
	return out.Interface().(T)
}

type pathMapper func(setting string, p Path, required bool) Path

// walk changes v in place, which can be set; of is the setting that holds it.
func (m pathMapper) walk(at string, v reflect.Value, of field) {
	switch {
	case v.Type() == anyType: // holds what a file says, whatever that is
	case v.Type() == pathType:
		if p := v.String(); p != "" && !slices.Contains(of.limits.words, p) {
			v.SetString(string(m(at, Path(p), of.required)))
		}
	case isOne(v.Type()):
		m.inside(join(at, oneName(v).String()), onePart(v))
	case v.Kind() == reflect.Pointer && !v.IsNil():
		m.walk(at, v.Elem(), of)
	case v.Kind() == reflect.Struct:
		for _, f := range fieldsOf(v.Type()) {
			m.walk(join(at, f.name), v.FieldByIndex(f.index), f)
		}
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		of.required = true
		for i := range v.Len() {
			m.walk(join(at, fmt.Sprint(i)), v.Index(i), of)
		}
	case v.Kind() == reflect.Map:
		of.required = true
		for _, key := range v.MapKeys() {
			value := clone(v.MapIndex(key))
			m.walk(join(at, key.String()), value, of)
			v.SetMapIndex(key, value)
		}
	}
}

// inside walks the part that an interface holds.
func (m pathMapper) inside(at string, held reflect.Value) {
	if held.IsNil() {
		return
	}
	whole := clone(held.Elem())
	m.walk(at, whole, field{})
	held.Set(whole)
}
