package registry

import "reflect"

// Under gives the type of what stands under a key (or an index) of a YAML value
// for a t; nil when there is no such thing. Under a One stand the settings of
// the part that the key names.
func Under(t reflect.Type, key string) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == nil:
		return nil
	case isOne(t):
		if fresh, ok := setOf(t).fresh(key); ok {
			return fresh.Type()
		}
	case t.Kind() == reflect.Struct:
		if f, ok := findField(fieldsOf(t), key); ok {
			return f.kind
		}
	case holds(t):
		return t.Elem()
	}
	return nil
}

// IsOne says whether t is a One or a pointer to one: its YAML map names a
// single part.
func IsOne(t reflect.Type) bool {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t != nil && isOne(t)
}
