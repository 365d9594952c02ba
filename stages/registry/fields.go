package registry

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// field is one setting: an exported field of a struct.
type field struct {
	name, help, unit string
	index            []int
	kind             reflect.Type
	required, short  bool
	when             condition
	limits           limits
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	pathType     = reflect.TypeFor[Path]()
	timeType     = reflect.TypeFor[TimeOfDay]()
	countType    = reflect.TypeFor[Count]()
	fieldCache   sync.Map // reflect.Type -> []field
)

// fieldsOf lists the settings of a struct type in the order of the source;
// those of an embedded struct stand in its place. It panics on a mistake in the
// declaration.
func fieldsOf(t reflect.Type) []field {
	if known, ok := fieldCache.Load(t); ok {
		return known.([]field)
	}
	fields := collect(t, nil)
	taken := map[string]bool{}
	for _, f := range fields {
		if taken[f.name] {
			panic(fmt.Sprintf("registry: %v has two settings named %s", t, f.name))
		}
		taken[f.name] = true
	}
	for _, f := range fields {
		if f.when.setting != "" && !taken[f.when.setting] {
			panic(fmt.Sprintf("registry: %v.%s: when: there is no setting %s", t, f.name, f.when.setting))
		}
	}
	fieldCache.Store(t, fields)
	return fields
}

func collect(t reflect.Type, index []int) []field {
	var out []field
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(append([]int(nil), index...), i)
		switch {
		case sf.Anonymous && sf.Type.Kind() == reflect.Struct && !isOne(sf.Type):
			out = append(out, collect(sf.Type, at)...)
		case sf.IsExported():
			out = append(out, declared(t, sf, at))
		}
	}
	return out
}

// tags are those that a setting may have: a misspelt limit would be none.
var (
	tags    = []string{"help", "unit", "required", "short", "when", "min", "max", "over", "under", "oneof", "words"}
	tagName = regexp.MustCompile(`(\w+):"`)
)

// declared reads the tags of one field.
func declared(t reflect.Type, sf reflect.StructField, index []int) field {
	where := fmt.Sprintf("%v.%s", t, sf.Name)
	f := field{
		name:     SnakeCase(sf.Name),
		help:     sf.Tag.Get("help"),
		unit:     sf.Tag.Get("unit"),
		index:    index,
		kind:     sf.Type,
		required: sf.Tag.Get("required") == "true",
		short:    sf.Tag.Get("short") == "true",
	}
	if f.help == "" {
		panic("registry: " + where + " has no help tag")
	}
	if required := sf.Tag.Get("required"); required != "" && required != "true" {
		panic("registry: " + where + `: want required:"true"`)
	}
	for _, tag := range tagName.FindAllStringSubmatch(string(sf.Tag), -1) {
		if !slices.Contains(tags, tag[1]) {
			panic(fmt.Sprintf("registry: %s has a tag %s, which nothing reads; known: %s", where, tag[1], strings.Join(tags, ", ")))
		}
	}
	l, err := readLimits(sf)
	if err != nil {
		panic(fmt.Sprintf("registry: %s: %v", where, err))
	}
	if f.when, err = readCondition(sf.Tag.Get("when")); err != nil {
		panic(fmt.Sprintf("registry: %s: %v", where, err))
	}
	verifyShort(where, f)
	l.unit = f.unit
	f.limits = l
	return f
}

func findField(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

func fieldNames(fields []field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

// verifyType panics when t, or anything below it, cannot be a setting.
func verifyType(t reflect.Type) { verifyBelow(t, map[reflect.Type]bool{}, []string{t.String()}) }

func verifyBelow(t reflect.Type, seen map[reflect.Type]bool, trail []string) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch {
	case isOne(t):
		setOf(t)
	case t.Kind() == reflect.Struct:
		for _, f := range fieldsOf(t) {
			verifyBelow(f.kind, seen, append(trail, f.name))
		}
	case t.Kind() == reflect.Map && t.Key().Kind() != reflect.String:
		panic(fmt.Sprintf("registry: %s: a map needs string keys", strings.Join(trail, ".")))
	case holds(t):
		verifyBelow(t.Elem(), seen, trail)
	case !isScalar(t):
		panic(fmt.Sprintf("registry: %s: a %v cannot be a setting", strings.Join(trail, "."), t))
	}
}

// holds says whether t is a container with one element type.
func holds(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return true
	}
	return false
}

func isScalar(t reflect.Type) bool {
	k := t.Kind()
	return k == reflect.Bool || k == reflect.String || isInt(k) || isUint(k) || isFloat(k)
}

func isInt(k reflect.Kind) bool   { return k >= reflect.Int && k <= reflect.Int64 }
func isUint(k reflect.Kind) bool  { return k >= reflect.Uint && k <= reflect.Uint64 }
func isFloat(k reflect.Kind) bool { return k == reflect.Float32 || k == reflect.Float64 }
