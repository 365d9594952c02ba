// Package preprocess turns each case's image file into pixels of one size, once:
// the result lies in a memory-mapped file that later runs find again.
package preprocess

import (
	"context"
	"fmt"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Step does one thing to an image. Steps are deterministic.
type Step interface {
	// Apply changes the picture.
	Apply(p *Picture) error
	// Shape says what comes out for what goes in; a zero size is "as the file
	// has it".
	Shape(in Shape) (Shape, error)
	// Version enters the cache key; it changes when the pixels change.
	Version() int
}

// Shape is the size of the images that leave preprocessing.
type Shape struct{ Channels, Height, Width int }

// Picture is an image on its way through the steps.
type Picture struct {
	Case          stage.Case
	Width, Height int
	Pixels        []float32 // row by row
	// RowSpacing and ColumnSpacing are millimetres between neighbours; 0 when
	// the file does not say.
	RowSpacing, ColumnSpacing float64
	// Point is the labelled place in this picture's pixels; nil without one.
	Point *stage.Point
	// Percentiles gives values of the whole series' raw pixels; see window.
	Percentiles func(percents []float64) ([]float64, error)
	// Warnings collects what a reader of the report should know.
	Warnings []string
}

// Steps are the parts.
var Steps = registry.New[Step]("preprocessing step")

// Config is the section preprocess of an experiment: steps in order.
type Config []registry.One[Step]

// Default decodes, windows and resizes whole images.
var Default = Config{{Name: "decode"}, {Name: "window"}, {Name: "resize"}}

// Plan gives the shape of the images without reading any.
func Plan(cfg Config) (Shape, error) {
	var shape Shape
	if len(cfg) == 0 || cfg[0].Name != "decode" {
		return shape, fmt.Errorf("the first preprocessing step must be decode")
	}
	for i, step := range cfg {
		var err error
		if shape, err = step.Part.Shape(shape); err != nil {
			return shape, fmt.Errorf("preprocess[%d].%s: %w", i, step.Name, err)
		}
	}
	if shape.Height == 0 || shape.Width == 0 {
		return shape, stage.Fault{Err: fmt.Errorf("the images have no common size"), Hint: "end preprocess with resize: {pixels: 224}"}
	}
	return shape, nil
}

// Run gives the images of all cases, from the cache where they are there.
func Run(ctx context.Context, env stage.Env, cfg Config, cases audit.Cases) (*Images, error) {
	shape, err := Plan(cfg)
	if err != nil {
		return nil, err
	}
	key, err := cacheKey(ctx, env, cfg, cases)
	if err != nil {
		return nil, err
	}
	images, err := openImages(env.Cache, key)
	hit := "hit"
	if err != nil {
		hit = "miss"
		if err := build(ctx, env, cfg, cases, shape, key); err != nil {
			return nil, err
		}
		if images, err = openImages(env.Cache, key); err != nil {
			return nil, err
		}
	}
	if err := images.bind(cases); err != nil {
		return nil, err
	}
	if err := images.tell(ctx, env, hit, cases.Classes); err != nil {
		images.Close()
		return nil, err
	}
	return images, nil
}
