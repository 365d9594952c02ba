package reports

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// digits is how many significant digits a number is shown with.
const digits = 4

// missing stands where a number does not exist.
const missing = "–"

// short writes a number for people: four significant digits, no needless zeros.
func short(v float64) string { return withDecimals(v, decimals(v)) }

// decimals is how many digits after the point v needs; -1 asks for an exponent.
func decimals(v float64) int {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0) || a == math.Trunc(a) && a < 1e15:
		return 0
	case a < 1e-3 || a >= 1e6:
		return -1
	}
	n := max(0, digits-1-int(math.Floor(math.Log10(a))))
	if a >= 0.01 {
		n = min(n, digits) // 0.0341: metrics are compared by their fourth decimal
	}
	text := strings.TrimRight(strconv.FormatFloat(a, 'f', n, 64), "0")
	if point := strings.IndexByte(text, '.'); point >= 0 {
		return len(text) - point - 1
	}
	return 0
}

func withDecimals(v float64, n int) string {
	switch {
	case math.IsNaN(v):
		return missing
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "−∞"
	case n < 0:
		return scientific(v)
	}
	return strings.Replace(strconv.FormatFloat(v, 'f', n, 64), "-", "−", 1) // a real minus sign
}

// scientific writes 1e-5 and not 1e-05, as experiment files do.
func scientific(v float64) string { return scientificTo(v, digits) }

// scientificTo writes so many digits, and at least those of other numbers.
func scientificTo(v float64, n int) string {
	if v == 0 {
		return "0"
	}
	text := strconv.FormatFloat(v, 'e', min(max(n, digits), 17)-1, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	e, _ := strconv.Atoi(exponent) // FormatFloat writes an int there
	return strings.Replace(mantissa, "-", "−", 1) + "e" + strconv.Itoa(e)
}

// column writes numbers that stand below each other with one count of decimals;
// where one of them needs an exponent, each is written for itself. Beside numbers of a
// tenth and more, small ones have as many decimals as metrics are compared by, unless
// nothing would be left of them. What is left of 0 after rounding is 0.
func column(values []float64) []string {
	n, most := 0, 6
	values = withoutDust(values)
	if slices.ContainsFunc(values, func(v float64) bool { return math.Abs(v) >= 0.1 && !math.IsInf(v, 0) }) &&
		!slices.ContainsFunc(values, func(v float64) bool { return v != 0 && math.Abs(v) < 5e-4 }) {
		most = digits
	}
	for _, v := range values {
		d := decimals(v)
		if d < 0 {
			n = -1
			break
		}
		n = max(n, min(d, most))
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = withDecimals(v, n)
		if n < 0 {
			texts[i] = short(v)
		}
	}
	return texts
}

// withoutDust makes 0 of what is so small beside the largest that it came of rounding.
func withoutDust(values []float64) []float64 {
	const dust = 1e-14
	largest, out := 0.0, slices.Clone(values)
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			largest = max(largest, math.Abs(v))
		}
	}
	for i, v := range out {
		if math.Abs(v) < dust*largest {
			out[i] = 0
		}
	}
	return out
}

// rangeOf writes the ends of an interval with the decimals that its number is shown
// with; "" where there is none.
func rangeOf(low, high float64, shown string) string {
	if math.IsNaN(low) || math.IsNaN(high) {
		return ""
	}
	between := "–"
	if low < 0 || high < 0 { // two strokes of which one is a minus are hard to read
		between = " to "
	}
	if strings.ContainsRune(shown, 'e') {
		return short(low) + between + short(high)
	}
	_, after, _ := strings.Cut(shown, ".")
	n := min(max(len(after), 3), digits)
	return withDecimals(low, n) + between + withDecimals(high, n)
}

// grouped writes a count: 25,600,000.
func grouped(n int) string {
	text := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, text = "−", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

// count writes a number that may be a count or may not.
func count(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return grouped(int(v))
	}
	return short(v)
}

// size writes bytes: 97.8 MB.
func size(bytes int64) string {
	v, unit := float64(bytes), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if v < 1000 {
			break
		}
		v, unit = v/1000, next
	}
	return fmt.Sprintf("%.3g %s", v, unit)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}
