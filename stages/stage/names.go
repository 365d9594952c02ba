package stage

import (
	"cmp"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

var decimal = regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]+)?$`)

// CompareNames orders the files of slices by their names, as people number them: those whose
// whole name in front of the ending is a number come first, in the order of numbers; in the
// others each run of digits counts as a number: slice2.png is before slice10.png.
func CompareNames(a, b string) int {
	x, y := nameOnly(a), nameOnly(b)
	isX, isY := decimal.MatchString(x), decimal.MatchString(y)
	switch {
	case isX && !isY:
		return -1
	case isY && !isX:
		return 1
	case isX:
		m, _ := strconv.ParseFloat(x, 64) // which rounds long ones, and keeps their order
		n, _ := strconv.ParseFloat(y, 64)
		return cmp.Or(cmp.Compare(m, n), natural(x, y), strings.Compare(a, b))
	}
	return cmp.Or(natural(x, y), strings.Compare(a, b))
}

// nameOnly is a name without its ending; a UID has none.
func nameOnly(name string) string {
	ending := filepath.Ext(name)
	if len(ending) < 2 || isDigit(ending[1]) {
		return name
	}
	return strings.TrimSuffix(name, ending)
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// natural compares runs of digits as numbers and the rest byte by byte.
func natural(x, y string) int {
	for x != "" && y != "" {
		if !isDigit(x[0]) || !isDigit(y[0]) {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		var m, n string
		m, x = digits(x)
		n, y = digits(y)
		if order := cmp.Or(cmp.Compare(len(m), len(n)), strings.Compare(m, n)); order != 0 {
			return order
		}
	}
	return cmp.Compare(len(x), len(y))
}

// digits takes the number at the beginning of a text, without zeros in front.
func digits(text string) (number, rest string) {
	at := 0
	for at < len(text) && isDigit(text[at]) {
		at++
	}
	return strings.TrimLeft(text[:at], "0"), text[at:]
}
