package preprocess

import (
	"errors"
	"fmt"
	"math"
)

func init() {
	Steps.Add("window", "maps values between two percentiles to [0, 1] and clips the rest", Window{Percentiles: [2]float64{1, 99}, Scope: "series"})
}

// Window scales by percentiles of the series' (or the picture's own) values. The
// size stays. With scope series it gives the same before and after a crop; with
// scope image, percentiles are those of what is left at this step.
type Window struct {
	Percentiles [2]float64 `help:"the values that become 0 and 1" unit:"%" min:"0" max:"100"`
	Scope       string     `help:"over which values percentiles are taken: all slices of the series, or the picture as it is at this step" oneof:"series image"`
}

// Validate wants them in order.
func (w Window) Validate() error {
	if w.Percentiles[0] >= w.Percentiles[1] {
		return errors.New("the first percentile must lie below the second")
	}
	return nil
}

// Apply scales. A picture without any contrast becomes black, with a warning.
func (w Window) Apply(p *Picture) error {
	ends, err := w.ends(p)
	if err != nil {
		return err
	}
	low, span := float32(ends[0]), float32(ends[1])-float32(ends[0])
	if math.IsNaN(float64(span)) || math.IsInf(float64(span), 0) {
		return fmt.Errorf("window: the percentiles are %v and %v; want finite numbers", ends[0], ends[1])
	}
	if span <= 0 {
		p.Warnings = append(p.Warnings, fmt.Sprintf("no contrast: percentiles %v and %v of the %s both are %v",
			w.Percentiles[0], w.Percentiles[1], w.Scope, ends[0]))
		clear(p.Pixels)
		return nil
	}
	for i, v := range p.Pixels {
		p.Pixels[i] = min(max((v-low)/span, 0), 1)
	}
	return nil
}

func (w Window) ends(p *Picture) ([]float64, error) {
	if w.Scope != "series" {
		return percentiles(p.Pixels, w.Percentiles[:])
	}
	if p.Percentiles == nil {
		return nil, errors.New("window: the picture belongs to no series")
	}
	return p.Percentiles(w.Percentiles[:])
}

// SeriesPercents are both ends, with scope series.
func (w Window) SeriesPercents() []float64 {
	if w.Scope != "series" {
		return nil
	}
	return w.Percentiles[:]
}

// Values come out between 0 and 1. Percentiles of a series are over values of
// the files, so nothing may have changed them before.
func (w Window) Values(in Values) (Values, error) {
	if w.Scope == "series" && in != Modality {
		return in, fmt.Errorf("scope series wants %s, an earlier step made them %s; use scope: image or remove a step", Modality, in)
	}
	return Unit, nil
}

// Shape stays.
func (Window) Shape(in Shape) (Shape, error) { return in, nil }

// Version is that of the percentiles' definition.
func (Window) Version() int { return 1 }
