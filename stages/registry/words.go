package registry

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// describe names a type for people.
func describe(t reflect.Type) string {
	switch k := t.Kind(); {
	case isOne(t):
		return "the name of a " + setOf(t).what
	case t == durationType:
		return "a time such as 90s or 2h"
	case t == pathType:
		return "a path"
	case t == timeType:
		return "a time of day such as 07:00"
	case t == anyType:
		return "any value"
	case t == countType:
		return "a whole number or auto"
	case k == reflect.Bool:
		return "true or false"
	case k == reflect.String:
		return "text"
	case isFloat(k):
		return "a number"
	case isInt(k) || isUint(k):
		return "a whole number"
	case k == reflect.Pointer:
		return describe(t.Elem())
	case k == reflect.Slice || k == reflect.Array:
		return "a list"
	case k == reflect.Map:
		return "a map of names to values"
	}
	return "settings"
}

// got names what the file says instead.
func got(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return plural(len(n.Content), "a list of %d value", "a list of %d values")
	case n.Kind == yaml.MappingNode:
		return "a map"
	case isNull(n):
		return "nothing"
	case n.ShortTag() == "!!str":
		return strconv.Quote(shorten(n.Value))
	}
	return shorten(n.Value)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf(one, n)
	}
	return fmt.Sprintf(many, n)
}

func shorten(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// wrongType says what was wanted, and how the value could be meant.
func wrongType(n *yaml.Node, v reflect.Value) mistake {
	return mistake{fmt.Sprintf("want %s, got %s", describe(v.Type()), got(n)), typeHint(n, v)}
}

func typeHint(n *yaml.Node, v reflect.Value) string {
	whole, err := strconv.ParseFloat(n.Value, 64)
	number := err == nil
	switch k := v.Kind(); {
	case v.Type() == durationType && number:
		return fmt.Sprintf("add the unit: %ss, %sm or %sh", n.Value, n.Value, n.Value)
	case k == reflect.Bool:
		return boolHint(n.Value)
	case k == reflect.String && n.ShortTag() == "!!bool":
		return fmt.Sprintf("write %q in quotes if the word is meant", n.Value)
	case isNumber(k) && number && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		return "remove the quotes"
	case (isInt(k) || isUint(k)) && number && whole == float64(int64(whole)):
		return "write " + strconv.FormatInt(int64(whole), 10)
	case isNumber(k) && strings.Contains(n.Value, ","):
		return "write the decimal point as a point"
	}
	return ""
}

func boolHint(word string) string {
	switch strings.ToLower(word) {
	case "yes", "on", "y", "1":
		return "write true"
	case "no", "off", "n", "0":
		return "write false"
	}
	return ""
}
