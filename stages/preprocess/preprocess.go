// Package preprocess turns each case's image file into pixels of one size, once:
// the result lies in a memory-mapped file that later runs find again, and what
// the last step took in is kept too, so that changing that step redoes no other.
package preprocess

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

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

// wordTaker is a Step that works on a picture whose values are still as the file has
// them, in words; for others they are made numbers first.
type wordTaker interface{ takesWords() }

// Scaler is a Step that changes what the values mean.
type Scaler interface {
	// Values says what comes out for what goes in.
	Values(in Values) (Values, error)
}

// Needer is a Step that may need more than the picture.
type Needer interface{ Needs() Needs }

// Needs is what a step takes in besides the picture, by its settings. All of it
// enters the cache key.
type Needs struct {
	Point      bool // the labelled place, or the marks
	Slice      bool // statistics of the file's values
	Series     bool // statistics of all slices of the series
	Neighbours bool // other slices of the series
	Whole      bool // all of them, or those of the stack that a labelled place lies in
	Spacing    bool // of the labelled levels
	View       bool // which view the picture is, and of which type its series
}

// and is what either needs.
func (n Needs) and(other Needs) Needs {
	return Needs{n.Point || other.Point, n.Slice || other.Slice, n.Series || other.Series, n.Neighbours || other.Neighbours, n.Whole || other.Whole, n.Spacing || other.Spacing, n.View || other.View}
}

// Normaliser is a Step that says how pixels enter the net.
type Normaliser interface{ Normalisation() Normalisation }

// Values says what the numbers of a picture are.
type Values string

// What values may be.
const (
	Modality Values = "values of the file" // after slope and intercept, of any range
	Unit     Values = "values from 0 to 1"
)

// Shape is the size of the images that leave preprocessing.
type Shape struct{ Channels, Height, Width int }

// Steps are the parts.
var Steps = registry.New[Step]("preprocessing step")

// Config is the section preprocess of an experiment: steps in order.
type Config []registry.One[Step]

// Default decodes, windows and resizes whole images.
var Default = Config{{Name: "decode"}, {Name: "window"}, {Name: "resize"}}

// Run gives the images of all cases that can be read, from the cache where they
// are there. The caller closes them.
func Run(ctx context.Context, env stage.Env, cfg Config, cases audit.Cases) (*Images, error) {
	layout, err := Describe(cfg)
	if err != nil {
		return nil, err
	}
	if len(cases.Cases) == 0 {
		return nil, errors.New("there are no cases to preprocess")
	}
	c, err := openCache(ctx, env)
	if err != nil {
		return nil, err
	}
	defer c.close()
	b := newBuilder(env, newChain(cfg, layout), cases.Pictures(), c)
	images, err := b.find(ctx)
	if err != nil {
		return nil, errors.Join(err, c.sums.save(), cases.Looks.Save())
	}
	err = errors.Join(c.sums.save(), cases.Looks.Save(), images.bind(cases))
	if err == nil {
		err = b.tell(ctx, images)
	}
	if err != nil {
		return nil, errors.Join(err, images.Close())
	}
	return images, nil
}

// find opens the cached images, or makes them. Of several processes that want
// the same images one makes them and the others wait for it.
func (b *builder) find(ctx context.Context) (*Images, error) {
	if images, err := b.open(ctx); images != nil || err != nil {
		return images, err
	}
	s, err := newStore(ctx, b.env, b.request(), b.chain.layout, len(b.cases.Cases))
	if err != nil {
		return nil, err
	}
	defer s.close()
	b.cache.sums.refresh()
	if images, err := b.open(ctx); images != nil || err != nil {
		return images, errors.Join(err, s.remove()) // made while this one waited
	}
	if err := b.build(ctx, s); err != nil {
		return nil, err
	}
	return openImages(b.env.Cache, s.key, b.chain.layout)
}

// open gives the images if the content of every file is known and they are in
// the cache; nil otherwise.
func (b *builder) open(ctx context.Context) (*Images, error) {
	key, known := b.key(b.cache.sums.known)
	if !known {
		return nil, nil
	}
	images, err := openImages(b.env.Cache, key, b.chain.layout)
	if err == nil {
		if err = images.verify(ctx, b.env, cachePath(b.env.Cache, key)); err != nil {
			err = errors.Join(err, images.Close())
		}
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, errors.Join(context.Cause(ctx), err)
	case err == nil:
		b.hit = true
		touch(b.env, cachePath(b.env.Cache, key))
		return images, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	}
	text := fmt.Sprintf("the cached images are made again: %v", err)
	return nil, b.env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "preprocess", Text: text})
}

// NeedsView says whether some step is another one for some views or types of series.
func (c Config) NeedsView() bool {
	return slices.ContainsFunc(c, func(s registry.One[Step]) bool { return needs(s.Part).View })
}

// NeedsSeries says whether some step looks at other slices of the series than the one that it works on.
func (c Config) NeedsSeries() bool {
	return slices.ContainsFunc(c, func(step registry.One[Step]) bool {
		n := needs(step.Part)
		return n.Series || n.Neighbours || n.Whole
	})
}

// NeedsSpacing says whether some step goes by how far labelled levels lie apart.
func (c Config) NeedsSpacing() bool {
	return slices.ContainsFunc(c, func(step registry.One[Step]) bool { return needs(step.Part).Spacing })
}

// NeedsPoint says whether some step works around the labelled place of a case.
func (c Config) NeedsPoint() bool {
	for _, step := range c {
		if n, ok := step.Part.(Needer); ok && n.Needs().Point {
			return true
		}
	}
	return false
}
