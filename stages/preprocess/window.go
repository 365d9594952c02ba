package preprocess

import (
	"errors"
	"fmt"
	"math"

	"vertebra/stages/internal/kernel"
	"vertebra/stages/stage"
)

func init() {
	Steps.Add("window", "maps a range of values to [0, 1] and clips the rest",
		Window{By: "percentiles", Percentiles: [2]float64{1, 99}, Range: [2]float64{0, 255}, Scope: "series", Number: 1})
}

// Window scales linearly. The range comes from percentiles (as numpy.percentile),
// from the smallest and largest value, from 0 to the largest value (image divided
// by its maximum, guarded against a maximum of 0), from two given values (MONAI's
// ScaleIntensityRange, clipped), or from what the file itself says: its window with the
// function that it names, or its table (DICOM PS3.3 C.11.2, as pydicom's apply_voi_lut, which prefers the
// table where there are both). The size stays. With scope series or slice
// it gives the same before and after a crop; with scope crop the range is that of
// what is left at this step.
type Window struct {
	By          string     `help:"where the range comes from: percentiles, smallest and largest value, 0 and the largest value, two given values, or what the file says: its window, linear or sigmoid, or without one its table (VOI LUT)" oneof:"percentiles min_max maximum range tag"`
	Percentiles [2]float64 `help:"the values that become 0 and 1; for by: percentiles" unit:"%" min:"0" max:"100" when:"by=percentiles"`
	Range       [2]float64 `help:"the values that become 0 and 1, such as -160 and 240 for soft tissue in CT, or 0 and 255 for pictures of 8 bits; for by: range" min:"-1000000" max:"1000000" when:"by=range"`
	Scope       string     `help:"over which values: all slices of the series (the file itself, where there is no series), the file's whole slice, or the picture as it is at this step; for by: percentiles, min_max and maximum" oneof:"series slice crop" when:"by=percentiles,min_max,maximum"`
	Number      int        `help:"which of several windows in the file, from 1; the last when there are fewer; for by: tag" min:"1" max:"100" when:"by=tag"`
}

// Validate wants percentiles and values in order.
func (w Window) Validate() error {
	if w.Percentiles[0] >= w.Percentiles[1] {
		return errors.New("the first percentile must lie below the second")
	}
	if w.By == "range" && w.Range[0] >= w.Range[1] {
		return errors.New("the first value of range must lie below the second")
	}
	return nil
}

// Needs are statistics beyond the picture.
func (w Window) Needs() Needs {
	if w.By == "tag" || w.By == "range" {
		return Needs{}
	}
	return Needs{Series: w.Scope == "series", Slice: w.Scope == "slice"}
}

// Apply scales. A picture without any contrast becomes black, with a warning.
func (w Window) Apply(p *Picture) error {
	if w.By == "tag" {
		return w.shown(p)
	}
	ends, err := w.ends(p)
	if err != nil {
		return fmt.Errorf("window: %w", err)
	}
	return w.scale(p, ends[0], ends[1])
}

// scale makes 0 of low and 1 of high.
func (w Window) scale(p *Picture, from, to float64) error {
	low, span := float32(from), float32(to)-float32(from)
	if math.IsNaN(float64(span)) || math.IsInf(float64(span), 0) {
		return fmt.Errorf("window: the range is %v to %v; want finite numbers", from, to)
	}
	if span <= 0 {
		p.warn("no contrast: the window of the %s is from %v to %v", w.Scope, from, to)
		clear(p.Pixels)
		return nil
	}
	kernel.Window(p.Pixels, low, span)
	return nil
}

func (w Window) ends(p *Picture) ([]float64, error) {
	if w.By == "range" {
		return w.Range[:], nil
	}
	values, err := p.statistics(w.Scope)
	if err != nil {
		return nil, err
	}
	switch w.By {
	case "min_max":
		return values.Percentiles([]float64{0, 100})
	case "maximum":
		ends, err := values.Percentiles([]float64{100, 100})
		if err == nil {
			ends[0] = 0
		}
		return ends, err
	}
	return values.Percentiles(w.Percentiles[:])
}

// shown maps as the file says: by its window, or where it has none by its table.
func (w Window) shown(p *Picture) error {
	n := len(p.Shown.Windows)
	switch {
	case p.Shown.Fault != "":
		return stage.Fault{Err: fmt.Errorf("window: %s", p.Shown.Fault), Hint: "use by: percentiles, or leave the case out"}
	case p.Shown.Table != nil:
		p.Shown.Table.Apply(p.Pixels)
		return nil
	case n == 0:
		return stage.Fault{Err: errors.New("window: the file has neither WindowCenter and WindowWidth nor a VOILUTSequence"), Hint: "use by: percentiles"}
	}
	one := p.Shown.Windows[min(max(w.Number, 1), n)-1]
	if low, high, linear := one.Ends(); linear {
		return w.scale(p, low, high)
	}
	if one.Function != "SIGMOID" || one.Width <= 0 {
		return fmt.Errorf("window: WindowWidth is %v; want more than %d for %s", one.Width, least(one.Function), one.Function)
	}
	one.Sigmoid(p.Pixels)
	return nil
}

// least is what a width must be more than.
func least(function string) int {
	if function == "LINEAR" {
		return 1
	}
	return 0
}

// statistics are over what a scope names.
func (p *Picture) statistics(scope string) (Statistics, error) {
	switch {
	case scope == "crop":
		return values(p.Pixels), nil
	case scope == "slice" && p.Slice != nil:
		return p.Slice()
	case scope == "series" && p.Series != nil:
		return p.Series()
	}
	return nil, fmt.Errorf("the picture belongs to no %s", scope)
}

// Values come out between 0 and 1. Statistics of a series or slice are over
// values of the file, so nothing may have changed them before.
func (w Window) Values(in Values) (Values, error) {
	if w.By == "tag" || w.By == "range" || w.Scope != "crop" {
		if in != Modality {
			return in, fmt.Errorf("it wants %s, an earlier step made them %s; use scope: crop or remove a step", Modality, in)
		}
	}
	return Unit, nil
}

// Shape stays.
func (Window) Shape(in Shape) (Shape, error) { return in, nil }

// Version is that of the ranges' definitions.
func (w Window) Version() int {
	if w.By == "tag" {
		return 4 // since then of images with white for the smallest value too, and by its function
	}
	return 3
}
