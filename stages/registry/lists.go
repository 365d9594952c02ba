package registry

import (
	"fmt"
	"reflect"

	"gopkg.in/yaml.v3"
)

// whole reads a list or a map and then asks its type about rules of its own.
func (d *decoder) whole(p place, v reflect.Value, read func()) {
	before := d.wrong
	read()
	if d.wrong == before {
		d.validate(p, v)
	}
}

func (d *decoder) list(p place, v reflect.Value, l limits) {
	if p.n.Kind != yaml.SequenceNode {
		d.add(p, fmt.Sprintf("want a list, got %s", got(p.n)), listHint(p.n))
		return
	}
	if len(p.n.Content) == 0 {
		v.SetZero()
		return
	}
	items := reflect.MakeSlice(v.Type(), len(p.n.Content), len(p.n.Content))
	d.items(p, items, l)
	v.Set(items)
}

func (d *decoder) array(p place, v reflect.Value, l limits) {
	if p.n.Kind != yaml.SequenceNode || len(p.n.Content) != v.Len() {
		d.add(p, fmt.Sprintf("want a list of %d values, got %s", v.Len(), got(p.n)), "")
		return
	}
	d.items(p, v, l)
}

func (d *decoder) items(p place, v reflect.Value, l limits) {
	for i := range p.n.Content {
		v.Index(i).Set(blank(v.Type().Elem()))
		d.value(p.item(i), v.Index(i), l)
	}
}

func listHint(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return fmt.Sprintf("write [%s]", n.Value)
	}
	return "begin each entry with a dash"
}

// dictionary reads a map whose names are free.
func (d *decoder) dictionary(p place, v reflect.Value, l limits) {
	p.n = writtenOut(p.n, v.Type())
	if p.n.Kind != yaml.MappingNode {
		d.add(p, fmt.Sprintf("want a map of names to values, got %s", got(p.n)), "")
		return
	}
	if len(p.n.Content) == 0 {
		v.SetZero()
		return
	}
	entries := reflect.MakeMap(v.Type())
	for i := 0; i+1 < len(p.n.Content); i += 2 {
		key := follow(p.n.Content[i])
		name := reflect.ValueOf(key.Value).Convert(v.Type().Key())
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" || entries.MapIndex(name).IsValid() {
			d.wrong++
			continue // inspect told
		}
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(blank(value.Type()))
		d.value(p.entry(i), value, l)
		entries.SetMapIndex(name, value)
	}
	v.Set(entries)
}

// blank is what an element of a list or map is before it is read: the result of
// its method `Defaults() T` when the type has one, otherwise zero.
func blank(t reflect.Type) reflect.Value {
	out := reflect.New(t).Elem()
	method := out.MethodByName("Defaults")
	if !method.IsValid() || isOne(t) || t.Kind() == reflect.Pointer {
		return out
	}
	if m := method.Type(); m.NumIn() != 0 || m.NumOut() != 1 || m.Out(0) != t {
		panic(fmt.Sprintf("registry: want func (%v) Defaults() %v", t, t))
	}
	out.Set(clone(method.Call(nil)[0]))
	complete(out)
	return out
}
