// Package preprocess turns each case's image file into pixels of one size, once:
// the result lies in a memory-mapped file that later runs find again.
package preprocess

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Step does one thing to an image. Steps are deterministic, keep no state, and
// may be applied to several pictures at once.
type Step interface {
	// Apply changes the picture. It may take over or overwrite its pixels.
	Apply(p *Picture) error
	// Shape says what comes out for what goes in; a zero size is "as the file
	// has it".
	Shape(in Shape) (Shape, error)
	// Version enters the cache key; it changes when the pixels change.
	Version() int
}

// Scaler is a Step that changes what the values mean.
type Scaler interface {
	// Values says what comes out for what goes in.
	Values(in Values) (Values, error)
}

// SeriesReader is a Step that needs percentiles over the whole series of a case.
type SeriesReader interface {
	// SeriesPercents lists them; none when its settings do without.
	SeriesPercents() []float64
}

// Values says what the numbers of a picture are.
type Values string

// What values may be.
const (
	Modality Values = "values of the file" // after slope and intercept, of any range
	Unit     Values = "values from 0 to 1"
)

// Shape is the size of the images that leave preprocessing.
type Shape struct{ Channels, Height, Width int }

// Picture is an image on its way through the steps.
type Picture struct {
	Case          stage.Case
	Width, Height int
	Pixels        []float32 // row by row
	// RowSpacing and ColumnSpacing are millimetres between the centres of
	// neighbouring rows and columns; 0 when the file does not say.
	RowSpacing, ColumnSpacing float64
	// Point is the labelled place in this picture's pixels; nil without one.
	Point *stage.Point
	// Percentiles gives percentiles of the whole series' modality values.
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

// Run gives the images of all cases that can be read, from the cache where they
// are there. The caller closes them.
func Run(ctx context.Context, env stage.Env, cfg Config, cases audit.Cases) (*Images, error) {
	shape, err := Plan(cfg)
	if err != nil {
		return nil, err
	}
	if len(cases.Cases) == 0 {
		return nil, errors.New("there are no cases to preprocess")
	}
	key, err := cacheKey(ctx, env, cfg, cases)
	if err != nil {
		return nil, err
	}
	images, cache, err := find(ctx, env, cfg, cases, shape, key)
	if err != nil {
		return nil, err
	}
	if err = images.bind(cases); err == nil {
		err = images.tell(ctx, env, cache, cases.Classes)
	}
	if err != nil {
		return nil, errors.Join(err, images.Close())
	}
	return images, nil
}

// find opens the cached images, or makes them. Of several processes that want
// the same images one makes them and the others wait for it.
func find(ctx context.Context, env stage.Env, cfg Config, cases audit.Cases, shape Shape, key string) (images *Images, cache string, err error) {
	if images, err = openImages(env.Cache, key, shape); err == nil {
		return images, "hit", nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		text := fmt.Sprintf("the cached images are made again: %v", err)
		if err := env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "preprocess", Text: text}); err != nil {
			return nil, "", err
		}
	}
	s, err := newStore(ctx, env, key, shape)
	if err != nil {
		return nil, "", err
	}
	defer s.discard()
	if images, err = openImages(env.Cache, key, shape); err == nil {
		return images, "hit", nil
	}
	if err := build(ctx, env, cfg, cases, s); err != nil {
		return nil, "", err
	}
	images, err = openImages(env.Cache, key, shape)
	return images, "miss", err
}
