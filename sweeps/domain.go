package sweeps

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/registry"
)

// Domain is the set of values that a setting may take in trials.
type Domain interface {
	Dimension() Dimension
}

// Domains are all kinds of sets of values.
var Domains = registry.New[Domain]("domain")

// When narrows a setting to some of the trials. It is embedded in domains.
type When struct {
	When map[string]registry.Any `help:"counts only in trials in which another setting of the space has this value, or one of a list of values; in the others the experiment's own value stays"`
}

// Dimension describes a set of values to a search. A value is known by a
// coordinate: a number is its own, a choice has its place in the list.
type Dimension struct {
	Choices   []string // YAML on one line; nil for numbers
	Low, High float64  // both included
	Step      float64  // distance of neighbours, from Low; 0 for any number between
	Whole     bool     // whole numbers
	Log       bool     // even on a logarithmic scale
	Points    int      // how many of them a grid takes; 0 where it is not said
	Same      string   // takes the value of this setting, times Times
	Times     float64
	When      map[string]registry.Any
}

// significant is how many digits a drawn number keeps: a person reads it.
const significant = 5

// At turns a share of the dimension, from 0 to 1, into a coordinate.
func (d Dimension) At(u float64) float64 {
	u = min(max(u, 0), 1)
	switch {
	case d.Choices != nil:
		return math.Min(math.Floor(u*float64(len(d.Choices))), float64(len(d.Choices)-1))
	case d.Step > 0 && !d.Log:
		n := math.Floor((d.High-d.Low)/d.Step+1e-9) + 1
		return d.tidy(d.Low + d.Step*math.Min(math.Floor(u*n), n-1))
	case d.Log && d.Step > 0: // whole numbers: each its share of the logarithm
		low, high := math.Log(d.Low-0.5), math.Log(d.High+0.5)
		return d.Near(math.Exp(low + u*(high-low)))
	case d.Log:
		return d.tidy(math.Exp(math.Log(d.Low) + u*(math.Log(d.High)-math.Log(d.Low))))
	}
	return d.tidy(d.Low + u*(d.High-d.Low))
}

// Share is the other way: where a coordinate lies in the dimension, from 0 to 1.
// Of values that stand for an interval it is the middle.
func (d Dimension) Share(x float64) float64 {
	switch {
	case d.Choices != nil:
		return (x + 0.5) / float64(len(d.Choices))
	case d.Log && d.Step > 0:
		low, high := math.Log(d.Low-0.5), math.Log(d.High+0.5)
		return (math.Log(x) - low) / (high - low)
	case d.High == d.Low:
		return 0.5
	case d.Log:
		return (math.Log(x) - math.Log(d.Low)) / (math.Log(d.High) - math.Log(d.Low))
	case d.Step > 0:
		n := math.Floor((d.High-d.Low)/d.Step+1e-9) + 1
		return (math.Round((x-d.Low)/d.Step) + 0.5) / n
	}
	return (x - d.Low) / (d.High - d.Low)
}

// Near is the value of the dimension that is nearest to a number.
func (d Dimension) Near(x float64) float64 {
	x = min(max(x, d.Low), d.High)
	if d.Step > 0 {
		most := math.Floor((d.High-d.Low)/d.Step + 1e-9)
		x = d.Low + d.Step*math.Min(math.Round((x-d.Low)/d.Step), most)
	}
	return d.tidy(x)
}

// tidy keeps the digits that a person reads, within the ends.
func (d Dimension) tidy(x float64) float64 {
	digits := significant
	if d.Step > 0 { // sums of steps: 0.30000000000000004
		digits = 12
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	if err != nil {
		return x
	}
	return min(max(short, d.Low), d.High)
}

// Marks are the coordinates that an axis of numbers names: the ends and the middle; on
// a logarithmic scale the powers of ten between, where there are some.
func (d Dimension) Marks() []float64 {
	if !d.Log {
		return []float64{d.Low, d.At(0.5), d.High}
	}
	out := []float64{d.Low}
	for power := math.Ceil(math.Log10(d.Low)); power <= math.Log10(d.High); power++ {
		if x := math.Pow(10, power); d.Share(x) > 0.12 && d.Share(x) < 0.88 {
			out = append(out, x)
		}
	}
	if len(out) == 1 {
		out = append(out, d.At(0.5))
	}
	if len(out) > 6 {
		out = []float64{d.Low, out[len(out)/2]}
	}
	return append(out, d.High)
}

// Cells are the coordinates that a grid takes; nil when it is not said which.
func (d Dimension) Cells() []float64 {
	var out []float64
	switch {
	case d.Choices != nil:
		for i := range d.Choices {
			out = append(out, float64(i))
		}
	case d.Points > 1:
		for i := range d.Points {
			out = append(out, d.At(d.gridShare(i)))
		}
	case d.Points == 1:
		out = append(out, d.At(0.5))
	case d.Step > 0:
		for i := 0; d.Low+float64(i)*d.Step <= d.High+1e-9*d.Step && i <= maxGrid; i++ {
			out = append(out, d.tidy(d.Low+float64(i)*d.Step))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// gridShare spreads points from end to end.
func (d Dimension) gridShare(i int) float64 { return float64(i) / float64(d.Points-1) }

// Text writes a coordinate as YAML.
func (d Dimension) Text(x float64) string {
	switch {
	case d.Choices != nil:
		return d.Choices[int(x)]
	case d.Whole:
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// Names calls each choice by the name of its part alone, where no other choice is of that part:
// its settings may be varied too, and then are not those of the choice.
func (d Dimension) Names() map[string]string {
	out, of := map[string]string{}, map[string]int{}
	for _, text := range d.Choices {
		name, _, _ := strings.Cut(strings.TrimPrefix(text, "{"), ":")
		out[text] = name
		of[name]++
	}
	for text, name := range out {
		if of[name] > 1 {
			out[text] = text
		}
	}
	return out
}

// Parse finds the coordinate of a value; false when the dimension lacks it.
func (d Dimension) Parse(text string) (float64, bool) {
	if d.Choices != nil {
		i := slices.Index(d.Choices, text)
		return float64(i), i >= 0
	}
	x, err := strconv.ParseFloat(text, 64)
	return x, err == nil && x >= d.Low && x <= d.High
}

// wrong says what makes a dimension senseless: field names the setting.
func (d Dimension) wrong() (field, text, hint string) {
	switch {
	case d.Choices != nil && len(d.Choices) == 0:
		return "values", "there is nothing to choose from", "list at least one value"
	case d.Choices != nil:
		for i, c := range d.Choices {
			if slices.Contains(d.Choices[:i], c) {
				return "values", "the choice " + c + " is there twice", "remove one of them"
			}
		}
	case d.Same != "":
	case d.Low > d.High:
		return "range", "the range begins at " + d.Text(d.Low) + " and ends at " + d.Text(d.High), "write the smaller number first"
	case d.Log && d.Low <= 0:
		return "range", "a logarithmic range must begin above 0, got " + d.Text(d.Low), "write a small number such as 1e-6, or take range"
	case d.Step > 0 && d.Step > d.High-d.Low && d.High > d.Low:
		return "step", "the step is larger than the range", ""
	}
	return "", "", ""
}

// Extremes are values that stand for all: every choice, or both ends.
func (d Dimension) Extremes() []float64 {
	switch {
	case d.Choices != nil:
		out := make([]float64, len(d.Choices))
		for i := range out {
			out[i] = float64(i)
		}
		return out
	case d.Low == d.High:
		return []float64{d.Low}
	}
	return []float64{d.Low, d.High}
}
