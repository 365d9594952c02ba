package audit

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// byNumber sorts numbers as such, and before words.
func byNumber(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	errX, errY = cmp.Or(errX, noOrder(x)), cmp.Or(errY, noOrder(y))
	switch {
	case errX == nil && errY == nil && x != y:
		if x < y {
			return -1
		}
		return 1
	case errX == nil && errY != nil:
		return -1
	case errX != nil && errY == nil:
		return 1
	}
	return strings.Compare(a, b)
}

// noOrder refuses the number that is neither below nor above another.
func noOrder(x float64) error {
	if math.IsNaN(x) {
		return strconv.ErrSyntax
	}
	return nil
}
