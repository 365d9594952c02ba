package registry

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// mistake says what is wrong with a scalar; the zero mistake is none.
type mistake struct{ text, hint string }

// scalar reads a single value: text, a number, true or false.
func (d *decoder) scalar(p place, v reflect.Value, l limits) {
	var m mistake
	switch k := v.Kind(); {
	case p.n.Kind != yaml.ScalarNode:
		m.text = "want " + describe(v.Type()) + ", got " + got(p.n)
	case v.Type() == durationType:
		m = readDuration(p.n, v, l)
	case v.Type() == pathType:
		m = readPath(p.n, v, l, d.where(p.at).Dir)
	case v.Type() == timeType:
		var t TimeOfDay
		t, m = readTimeOfDay(p.n)
		v.SetInt(int64(t))
	case v.Type() == countType && p.n.Value == autoWord:
		v.SetInt(int64(Auto))
	case k == reflect.Bool:
		m = readBool(p.n, v)
	case k == reflect.String:
		m = readText(p.n, v, l)
	case isFloat(k):
		m = readFloat(p.n, v, l)
	default:
		m = readInt(p.n, v, l)
	}
	if m.text != "" {
		d.add(p, m.text, m.hint)
	}
}

func readBool(n *yaml.Node, v reflect.Value) mistake {
	if n.ShortTag() != "!!bool" {
		return wrongType(n, v)
	}
	v.SetBool(strings.EqualFold(n.Value, "true"))
	return mistake{}
}

// readText takes numbers and dates as they are written, so that the id of a
// study needs no quotes.
func readText(n *yaml.Node, v reflect.Value, l limits) mistake {
	switch n.ShortTag() {
	case "!!str", "!!int", "!!float", "!!timestamp":
	default:
		return wrongType(n, v)
	}
	if text, hint := l.checkWord(n.Value); text != "" {
		return mistake{text, hint}
	}
	v.SetString(n.Value)
	return mistake{}
}

func readPath(n *yaml.Node, v reflect.Value, l limits, dir string) mistake {
	if m := readText(n, v, limits{}); m.text != "" {
		return m
	}
	if slices.Contains(l.words, n.Value) {
		v.SetString(n.Value)
		return mistake{}
	}
	if n.Value == "~" || strings.HasPrefix(n.Value, "~/") {
		return mistake{"a path cannot begin with ~", "write the whole path, or one relative to this file"}
	}
	v.SetString(resolvePath(dir, n.Value))
	return mistake{}
}

func readDuration(n *yaml.Node, v reflect.Value, l limits) mistake {
	if !isPlainNumber(n) && n.ShortTag() != "!!str" {
		return wrongType(n, v)
	}
	value, err := time.ParseDuration(n.Value)
	if err != nil {
		return wrongType(n, v)
	}
	if text := l.checkNumber(float64(value), n.Value); text != "" {
		return mistake{text: text}
	}
	v.SetInt(int64(value))
	return mistake{}
}

func readFloat(n *yaml.Node, v reflect.Value, l limits) mistake {
	value, m := parseFloat(n, v)
	if m.text != "" {
		return m
	}
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return mistake{"want a finite number, got " + n.Value, ""}
	}
	if v.OverflowFloat(value) {
		return mistake{"the number " + n.Value + " is too large", ""}
	}
	if text := l.checkNumber(value, n.Value); text != "" {
		return mistake{text: text}
	}
	v.SetFloat(value)
	return mistake{}
}

// parseFloat reads a whole number or one with a fraction or an exponent; 1e-4
// is a number, whatever YAML 1.1 says.
func parseFloat(n *yaml.Node, v reflect.Value) (float64, mistake) {
	text := strings.ReplaceAll(n.Value, "_", "")
	switch n.ShortTag() {
	case "!!int":
		if zeroLed(n.Value) {
			return 0, leadingZero(n)
		}
		if whole, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
			return float64(whole), mistake{}
		}
	case "!!float":
		switch strings.ToLower(text) {
		case ".inf", "+.inf", "-.inf", ".nan":
			return math.Inf(1), mistake{}
		}
	default:
		if _, err := strconv.ParseFloat(text, 64); n.Style == 0 && errors.Is(err, strconv.ErrRange) {
			return 0, mistake{"the number " + n.Value + " is too large", ""}
		}
		return 0, wrongType(n, v)
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, wrongType(n, v)
	}
	return value, mistake{}
}

func readInt(n *yaml.Node, v reflect.Value, l limits) mistake {
	if n.ShortTag() != "!!int" {
		return wrongType(n, v)
	}
	if zeroLed(n.Value) {
		return leadingZero(n)
	}
	if text := l.checkNumber(roughly(n.Value), n.Value); text != "" {
		return mistake{text: text}
	}
	if !setInt(v, strings.TrimPrefix(n.Value, "+")) {
		low, high := bounds(v.Type())
		return mistake{fmt.Sprintf("want a whole number from %s to %s, got %s", low, high, n.Value), ""}
	}
	return mistake{}
}

// setInt stores a whole number; false when it does not fit.
func setInt(v reflect.Value, text string) bool {
	if isUint(v.Kind()) {
		value, err := strconv.ParseUint(text, 0, 64)
		if err != nil || v.OverflowUint(value) {
			return false
		}
		v.SetUint(value)
		return true
	}
	value, err := strconv.ParseInt(text, 0, 64)
	if err != nil || v.OverflowInt(value) {
		return false
	}
	v.SetInt(value)
	return true
}

// roughly is a whole number as a float64, close enough for limits.
func roughly(text string) float64 {
	if value, err := strconv.ParseInt(text, 0, 64); err == nil {
		return float64(value)
	}
	value, _ := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return value
}

// bounds gives the smallest and the largest number of a type.
func bounds(t reflect.Type) (low, high string) {
	if isUint(t.Kind()) {
		return "0", strconv.FormatUint(math.MaxUint64>>(64-t.Bits()), 10)
	}
	most := int64(math.MaxInt64 >> (64 - t.Bits()))
	return strconv.FormatInt(-most-1, 10), strconv.FormatInt(most, 10)
}

// zeroLed finds numbers such as 010, which YAML 1.1 reads as eight.
func zeroLed(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	return len(digits) > 1 && digits[0] == '0' && (digits[1] == '_' || digits[1] >= '0' && digits[1] <= '9')
}

func leadingZero(n *yaml.Node) mistake {
	return mistake{"the number " + n.Value + " begins with 0", "write it without the zero"}
}

func isPlainNumber(n *yaml.Node) bool { return n.ShortTag() == "!!int" || n.ShortTag() == "!!float" }

// resolvePath makes a path of the file relative to the folder of that file.
func resolvePath(dir, path string) string {
	if path == "" || dir == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
