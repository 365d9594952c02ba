package registry

import "reflect"

// clone gives a settable deep copy: slices, maps, pointers and parts of the
// copy are its own, so that nobody can change somebody else's defaults.
func clone(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	detach(out)
	return out
}

func detach(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() || v.Type().Field(i).Anonymous && f.Kind() == reflect.Struct {
				detach(f)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			v.Set(clone(v.Elem()).Addr())
		}
	case reflect.Interface:
		if !v.IsNil() {
			v.Set(clone(v.Elem()))
		}
	case reflect.Array:
		for i := range v.Len() {
			detach(v.Index(i))
		}
	case reflect.Slice:
		detachSlice(v)
	case reflect.Map:
		detachMap(v)
	}
}

func detachSlice(v reflect.Value) {
	if v.IsNil() {
		return
	}
	own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		own.Index(i).Set(clone(v.Index(i)))
	}
	v.Set(own)
}

func detachMap(v reflect.Value) {
	if v.IsNil() {
		return
	}
	own := reflect.MakeMapWithSize(v.Type(), v.Len())
	for _, key := range v.MapKeys() {
		own.SetMapIndex(key, clone(v.MapIndex(key)))
	}
	v.Set(own)
}
