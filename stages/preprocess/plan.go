package preprocess

import (
	"errors"
	"fmt"

	"vertebra/stages/stage"
)

// Plan gives the shape of the images without reading any, and refuses steps that
// do not fit one another.
func Plan(cfg Config) (Shape, error) {
	var shape Shape
	if len(cfg) == 0 || cfg[0].Name != "decode" {
		return shape, stage.Fault{Err: errors.New("the first preprocessing step must be decode"), Hint: "begin the list with - decode"}
	}
	values := Modality
	for i, step := range cfg {
		if i > 0 && step.Name == "decode" {
			return shape, fmt.Errorf("preprocess.%d: an image is decoded once only; remove this step", i)
		}
		var err error
		if shape, err = step.Part.Shape(shape); err == nil {
			values, err = scaled(step.Part, values)
		}
		if err != nil {
			return shape, fmt.Errorf("preprocess.%d.%s: %w", i, step.Name, err)
		}
	}
	if shape.Height == 0 || shape.Width == 0 {
		return shape, stage.Fault{Err: errors.New("the images have no common size"), Hint: "end preprocess with - resize: {pixels: 224}"}
	}
	if values != Unit {
		return shape, stage.Fault{Err: fmt.Errorf("the images leave preprocessing with %s; they are stored as %s", values, Unit),
			Hint: "add - window: {percentiles: [1, 99], scope: series}"}
	}
	return shape, nil
}

func scaled(step Step, in Values) (Values, error) {
	if s, ok := step.(Scaler); ok {
		return s.Values(in)
	}
	return in, nil
}

// seriesPercents lists, for each step that reads whole series, what it wants of
// them.
func (c Config) seriesPercents() [][]float64 {
	var out [][]float64
	for _, step := range c {
		if s, ok := step.Part.(SeriesReader); ok {
			if percents := s.SeriesPercents(); len(percents) > 0 {
				out = append(out, percents)
			}
		}
	}
	return out
}
