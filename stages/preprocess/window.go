package preprocess

import (
	"errors"
	"math"
	"sort"
)

func init() {
	Steps.Add("window", "maps values between two percentiles to [0, 1] and clips the rest", Window{Percentiles: [2]float64{1, 99}, Scope: "series"})
}

// Window scales by percentiles of the series' (or the picture's own) values.
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

// Apply scales. A picture without any contrast becomes black.
func (w Window) Apply(p *Picture) error {
	ends, err := w.ends(p)
	if err != nil {
		return err
	}
	low, span := float32(ends[0]), float32(ends[1]-ends[0])
	if span <= 0 {
		p.Warnings = append(p.Warnings, "no contrast")
	}
	for i, v := range p.Pixels {
		if p.Pixels[i] = 0; span > 0 {
			p.Pixels[i] = min(max((v-low)/span, 0), 1)
		}
	}
	return nil
}

func (w Window) ends(p *Picture) ([]float64, error) {
	if w.Scope == "series" {
		return p.Percentiles(w.Percentiles[:])
	}
	values := append([]float32(nil), p.Pixels...)
	return percentiles(values, w.Percentiles[:]), nil
}

// percentiles sorts values and interpolates linearly between neighbours, as
// numpy.percentile does by default.
func percentiles(values []float32, percents []float64) []float64 {
	sort.Slice(values, func(i, j int) bool { return values[i] < values[j] })
	out := make([]float64, len(percents))
	for i, percent := range percents {
		at := percent / 100 * float64(len(values)-1)
		low := int(math.Floor(at))
		high := min(low+1, len(values)-1)
		part := at - float64(low)
		out[i] = float64(values[low])*(1-part) + float64(values[high])*part
	}
	return out
}

// Shape stays.
func (Window) Shape(in Shape) (Shape, error) { return in, nil }

// Version is that of the percentiles' definition.
func (Window) Version() int { return 1 }
