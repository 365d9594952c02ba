package registry

import (
	"fmt"
	"reflect"
)

// One is a setting that holds one part. In YAML it is the name alone (the part
// with its defaults) or a map of the name to settings: `relu`, or
// `{dropout: {p: 0.3}}`.
//
// A One in the defaults of a Config may carry the name alone: Decode fills in
// the part. A One that has no name must be given; a part that may be left out
// is a *One.
type One[P any] struct {
	Name string
	Part P
}

// String gives the name of the part.
func (o One[P]) String() string { return o.Name }

func (One[P]) iface() reflect.Type { return reflect.TypeFor[P]() }

// anyOne is implemented by every One and by nothing else.
type anyOne interface{ iface() reflect.Type }

var anyOneType = reflect.TypeFor[anyOne]()

// isOne says whether t is a One, not a pointer to one.
func isOne(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.Implements(anyOneType)
}

// setOf finds the set that a One of type t chooses from. A kind without a set
// is a programmer's mistake.
func setOf(t reflect.Type) *set {
	iface := reflect.Zero(t).Interface().(anyOne).iface()
	sets.RLock()
	defer sets.RUnlock()
	s, ok := sets.byType[iface]
	if !ok {
		panic(fmt.Sprintf("registry: no New for the interface %v", iface))
	}
	return s
}

// oneName and onePart are the two fields of a One.
func oneName(v reflect.Value) reflect.Value { return v.FieldByName("Name") }
func onePart(v reflect.Value) reflect.Value { return v.FieldByName("Part") }

// complete gives every One that has a name only the defaults of that part.
func complete(v reflect.Value) {
	switch {
	case isOne(v.Type()):
		completeOne(v)
	case v.Kind() == reflect.Struct:
		for _, f := range fieldsOf(v.Type()) {
			complete(v.FieldByIndex(f.index))
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		complete(v.Elem())
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		for i := range v.Len() {
			complete(v.Index(i))
		}
	case v.Kind() == reflect.Map:
		for _, key := range v.MapKeys() {
			value := clone(v.MapIndex(key))
			complete(value)
			v.SetMapIndex(key, value)
		}
	}
}

func completeOne(v reflect.Value) {
	name, held := oneName(v).String(), onePart(v)
	if name == "" {
		return
	}
	var whole reflect.Value
	if held.IsNil() {
		fresh, ok := setOf(v.Type()).fresh(name)
		if !ok {
			panic(fmt.Sprintf("registry: the default %s %q does not exist", setOf(v.Type()).what, name))
		}
		whole = fresh
	} else {
		whole = clone(held.Elem())
	}
	if whole.Kind() == reflect.Struct {
		complete(whole)
	}
	held.Set(whole)
}
