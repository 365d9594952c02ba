package reports

import (
	"fmt"
	"math"
	"strings"
)

// sparkView is a small line without axes, 90 by 22 units.
type sparkView struct {
	Path     string
	Dot      bool // the best point
	X, Y     float64
	Describe string
}

const (
	sparkWidth  = 90
	sparkHeight = 22
	sparkPoints = 45 // more are thinned: two units are as fine as an eye sees
)

// newSpark draws numbers in their order; nil where there are not two.
func newSpark(values []float64, lowerBetter bool) *sparkView {
	low, high, best := math.Inf(1), math.Inf(-1), -1
	for i, v := range values {
		if !finite(v) {
			continue
		}
		low, high = math.Min(low, v), math.Max(high, v)
		if best < 0 || lowerBetter && v < values[best] || !lowerBetter && v > values[best] {
			best = i
		}
	}
	if len(values) < 2 || best < 0 {
		return nil
	}
	at := func(i int) (x, y float64) {
		span := math.Max(high-low, 1e-300)
		return tenths(3 + float64(i)/float64(len(values)-1)*(sparkWidth-6)), tenths(sparkHeight - 3 - (values[i]-low)/span*(sparkHeight-6))
	}
	v := &sparkView{Dot: true, Describe: fmt.Sprintf("from %s to %s, best %s", short(values[0]), short(values[len(values)-1]), short(values[best]))}
	v.X, v.Y = at(best)
	var path strings.Builder
	pen := "M"
	for _, i := range evenly(len(values), sparkPoints) {
		if !finite(values[i]) {
			pen = "M"
			continue
		}
		x, y := at(i)
		fmt.Fprintf(&path, "%s%g,%g", pen, x, y)
		pen = "L"
	}
	v.Path = path.String()
	return v
}
