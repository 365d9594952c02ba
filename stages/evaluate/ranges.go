package evaluate

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/stage"
)

// mostNumbers is how many values of a number are told one by one. Of more, such as those of an
// age, ranges are.
const mostNumbers = 8

// valuesOf says for each case which value of a tag it counts to: its own, or the range that a
// number lies in, in round steps so that the splits of a run, and runs, have the same.
func (p Predictions) valuesOf(tag string) func(stage.Prediction) string {
	step, first := p.stepOf(tag)
	if step == 0 {
		return func(item stage.Prediction) string { return tagged(item, tag) }
	}
	return func(item stage.Prediction) string {
		v, err := strconv.ParseFloat(item.Tags[tag], 64)
		if err != nil {
			return noTag
		}
		k := math.Floor(v/step - first + 1e-9) // 0.12/0.02 is below 6
		return fmt.Sprintf("%s to below %s", round((first+k)*step), round((first+k+1)*step))
	}
}

func round(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// stepOf is how wide the ranges of a number are, about a quarter of what most of its values
// span; 0 where a tag is no number, or has few values.
func (p Predictions) stepOf(tag string) (step, first float64) {
	distinct := map[float64]bool{}
	for _, item := range p.Items {
		text := item.Tags[tag]
		if text == "" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, 0
		}
		distinct[v] = true
	}
	if len(distinct) <= mostNumbers {
		return 0, 0
	}
	sorted := slices.Sorted(maps.Keys(distinct))
	low, high := sorted[len(sorted)/20], sorted[len(sorted)-1-len(sorted)/20]
	step = roundStep((high - low) / 4)
	return step, math.Floor(sorted[0]/step + 1e-9)
}

// roundStep is 1, 2 or 5 times a power of ten, of which the one at or above v.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, times := range []float64{1, 2, 5} {
		if times*power >= v*(1-1e-9) {
			return times * power
		}
	}
	return 10 * power
}

// inOrder sorts values: those that begin with a number by it, and before others.
func inOrder[T any](groups map[string]T) []string {
	number := func(value string) (float64, bool) {
		v, err := strconv.ParseFloat(strings.SplitN(value, " ", 2)[0], 64)
		return v, err == nil
	}
	return slices.SortedFunc(maps.Keys(groups), func(a, b string) int {
		x, isX := number(a)
		y, isY := number(b)
		switch {
		case isX && isY:
			return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
		case isX != isY:
			return map[bool]int{true: -1, false: 1}[isX]
		}
		return cmp.Compare(a, b)
	})
}
