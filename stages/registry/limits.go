package registry

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// limits is what the tags min, max, over, under, oneof and words allow. On a list,
// an array or a map they hold for each element.
type limits struct {
	min, max, over, under *float64
	choices               []string
	words                 []string // that may stand in place of a path
	duration              bool     // the bounds are nanoseconds
	unit                  string
}

// readLimits reads the limits from the tags of a field.
func readLimits(sf reflect.StructField) (limits, error) {
	leaf := leafType(sf.Type)
	l := limits{duration: leaf == durationType}
	var problems []error
	for tag, bound := range map[string]**float64{"min": &l.min, "max": &l.max, "over": &l.over, "under": &l.under} {
		text, given := sf.Tag.Lookup(tag)
		if !given {
			continue
		}
		if !isNumber(leaf.Kind()) {
			problems = append(problems, fmt.Errorf("%s on a setting that is no number", tag))
			continue
		}
		value, err := l.parseBound(text)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", tag, err))
		}
		*bound = &value
	}
	if words, given := sf.Tag.Lookup("oneof"); given {
		l.choices = strings.Fields(words)
		if leaf.Kind() != reflect.String || len(l.choices) == 0 {
			problems = append(problems, errors.New("oneof needs a text setting and at least one word"))
		}
	}
	if words, given := sf.Tag.Lookup("words"); given {
		l.words = strings.Fields(words)
		if leaf != pathType || len(l.words) == 0 {
			problems = append(problems, errors.New("words needs a path and at least one word"))
		}
	}
	return l, errors.Join(problems...)
}

func (l limits) parseBound(text string) (float64, error) {
	if l.duration {
		d, err := time.ParseDuration(text)
		return float64(d), err
	}
	return strconv.ParseFloat(text, 64)
}

// leafType is the type of the values that limits are about.
func leafType(t reflect.Type) reflect.Type {
	for holds(t) {
		t = t.Elem()
	}
	return t
}

func isNumber(k reflect.Kind) bool { return isInt(k) || isUint(k) || isFloat(k) }

// checkNumber says what is wrong with a value; "" when nothing is. got is the
// value as the file writes it.
func (l limits) checkNumber(value float64, got string) string {
	bounds := []struct {
		limit  *float64
		broken func(limit float64) bool
		words  string
	}{
		{l.min, func(x float64) bool { return value < x }, "at least"},
		{l.over, func(x float64) bool { return value <= x }, "more than"},
		{l.max, func(x float64) bool { return value > x }, "at most"},
		{l.under, func(x float64) bool { return value >= x }, "less than"},
	}
	for _, b := range bounds {
		if b.limit != nil && b.broken(*b.limit) {
			return fmt.Sprintf("want %s %s, got %s", b.words, l.show(*b.limit), got)
		}
	}
	return ""
}

// show writes a bound for people.
func (l limits) show(bound float64) string {
	if l.duration {
		return time.Duration(bound).String()
	}
	text := strconv.FormatFloat(bound, 'g', -1, 64)
	if bound == math.Trunc(bound) && math.Abs(bound) < 1e15 {
		text = strconv.FormatFloat(bound, 'f', -1, 64)
	}
	if l.unit != "" {
		text += " " + l.unit
	}
	return text
}

// checkWord says what is wrong with a text, and what may have been meant.
func (l limits) checkWord(word string) (text, hint string) {
	if len(l.choices) == 0 || slices.Contains(l.choices, word) {
		return "", ""
	}
	return fmt.Sprintf("%q is not a known word", shorten(word)), Suggest(word, l.choices)
}

// verifyDefaults panics when a default breaks its own limits: the resolved
// experiment could then not be read again.
func verifyDefaults(v reflect.Value) {
	for _, f := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(f.index)
		if f.required && value.IsZero() {
			continue
		}
		if text := f.limits.checkGo(value); text != "" {
			panic(fmt.Sprintf("registry: the default of %v.%s: %s", v.Type(), f.name, text))
		}
	}
}

// checkGo checks a Go value and everything in it.
func (l limits) checkGo(v reflect.Value) string {
	switch k := v.Kind(); {
	case isOne(v.Type()) || k == reflect.Bool || k == reflect.Pointer && v.IsNil():
		return ""
	case k == reflect.Struct:
		verifyDefaults(v)
		return ""
	case k == reflect.Pointer:
		return l.checkGo(v.Elem())
	case k == reflect.Slice || k == reflect.Array:
		for i := range v.Len() {
			if text := l.checkGo(v.Index(i)); text != "" {
				return text
			}
		}
		return ""
	case k == reflect.Map:
		for _, key := range v.MapKeys() {
			if text := l.checkGo(v.MapIndex(key)); text != "" {
				return text
			}
		}
		return ""
	case k == reflect.String:
		text, _ := l.checkWord(v.String())
		return text
	}
	return l.checkGoNumber(v)
}

func (l limits) checkGoNumber(v reflect.Value) string {
	if v.Type() == countType && Count(v.Int()) == Auto {
		return ""
	}
	value := goNumber(v)
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return "want a finite number"
	}
	return l.checkNumber(value, fmt.Sprint(v))
}

func goNumber(v reflect.Value) float64 {
	switch k := v.Kind(); {
	case isInt(k):
		return float64(v.Int())
	case isUint(k):
		return float64(v.Uint())
	}
	return v.Float()
}
