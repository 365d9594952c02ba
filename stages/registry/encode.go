package registry

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"
)

// Encode writes a value out with all its defaults. Decode reads the result back
// to the same value (an empty list or map comes back as nil). It panics on
// types that Decode refuses.
func Encode(v any) *yaml.Node {
	value := clone(reflect.ValueOf(v))
	verifyType(value.Type())
	complete(value)
	return encode(value)
}

func encode(v reflect.Value) *yaml.Node {
	switch k := v.Kind(); {
	case isOne(v.Type()):
		return encodePart(v)
	case v.Type() == anyType:
		return encodeAny(v)
	case k == reflect.Pointer:
		if v.IsNil() {
			return null()
		}
		return encode(v.Elem())
	case k == reflect.Struct:
		return encodeStruct(v)
	case k == reflect.Slice || k == reflect.Array:
		return encodeList(v)
	case k == reflect.Map:
		return encodeMap(v)
	}
	return encodeScalar(v)
}

func encodePart(v reflect.Value) *yaml.Node {
	name := oneName(v).String()
	if name == "" {
		return null()
	}
	settings := encode(onePart(v).Elem())
	if len(settings.Content) == 0 {
		return text(name)
	}
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{text(name), settings}}
}

func encodeStruct(v reflect.Value) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, f := range fieldsOf(v.Type()) {
		out.Content = append(out.Content, text(f.name), encode(v.FieldByIndex(f.index)))
	}
	return out
}

// encodeList writes a list of single values on one line.
func encodeList(v reflect.Value) *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
	for i := range v.Len() {
		item := encode(v.Index(i))
		if item.Kind != yaml.ScalarNode {
			out.Style = 0
		}
		out.Content = append(out.Content, item)
	}
	return out
}

func encodeMap(v reflect.Value) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if v.Len() == 0 {
		out.Style = yaml.FlowStyle
	}
	names := v.MapKeys()
	slices.SortFunc(names, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, name := range names {
		out.Content = append(out.Content, text(name.String()), encode(v.MapIndex(name)))
	}
	return out
}

func encodeScalar(v reflect.Value) *yaml.Node {
	scalar := func(tag, value string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value} }
	switch k := v.Kind(); {
	case v.Type() == durationType:
		return text(time.Duration(v.Int()).String())
	case v.Type() == timeType:
		n := text(TimeOfDay(v.Int()).String())
		n.Style = yaml.DoubleQuotedStyle
		return n
	case v.Type() == countType && Count(v.Int()) == Auto:
		return text(autoWord)
	case k == reflect.Bool:
		return scalar("!!bool", strconv.FormatBool(v.Bool()))
	case isInt(k):
		return scalar("!!int", strconv.FormatInt(v.Int(), 10))
	case isUint(k):
		return scalar("!!int", strconv.FormatUint(v.Uint(), 10))
	case isFloat(k):
		return scalar("!!float", formatFloat(v.Float(), v.Type().Bits()))
	case k == reflect.String:
		return text(v.String())
	}
	panic(fmt.Sprintf("registry: a %v cannot be a setting", v.Type()))
}

// formatFloat writes the shortest number that is read back to the same value,
// and always as a number with a point or an exponent.
func formatFloat(value float64, bits int) string {
	out := strconv.FormatFloat(value, 'g', -1, bits)
	if !strings.ContainsAny(out, ".eIN") {
		out += ".0"
	}
	return out
}

// text is quoted where the plain form could be read as something else.
func text(value string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	odd := func(r rune) bool {
		return r != ' ' && !unicode.IsGraphic(r) || r > unicode.MaxLatin1 && unicode.IsSpace(r)
	}
	if value == "" || value == "<<" || strings.TrimSpace(value) != value || strings.ContainsFunc(value, odd) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func null() *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"} }
