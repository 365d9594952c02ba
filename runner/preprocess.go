package main

import (
	"context"
	"errors"
	"fmt"

	"vertebra/experiments"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// preprocessCommand is runner preprocess.
type preprocessCommand struct {
	File string   `arg:"" help:"Experiment file." type:"existingfile"`
	Set  []string `help:"Change a setting: path=value." sep:"none" placeholder:"PATH=VALUE"`
	cachePlace
	CacheSize size `help:"How much the cache may hold; what was unused for longest goes first. 0 for no limit." default:"200GB"`
	Workers   int  `help:"Images decoded at once." default:"${workers}"`
}

// Run makes the images of an experiment, so that a later run finds them.
func (c preprocessCommand) Run(ctx context.Context, w world) (err error) {
	e, warnings, err := experiments.Load(c.File, c.Set)
	w.warn(warnings)
	if err != nil {
		return err
	}
	console := newConsole(w)
	defer console.close()
	env := stage.Env{Now: w.now, Recorder: console, Cache: c.Cache, CacheBytes: int64(c.CacheSize), Workers: max(1, c.Workers), Seed: e.Seed}
	cases, err := readData(ctx, env, e.Data)
	if err != nil {
		return experiments.Place(fmt.Errorf("audit: %w", err), c.File, c.Set)
	}
	images, err := preprocess.Run(ctx, env, e.Preprocess, cases)
	if err != nil {
		if err = fmt.Errorf("preprocess: %w", err); errors.Is(err, context.Canceled) {
			return resumable{err, "the same command, or a run, goes on from there"}
		}
		return err
	}
	defer func() { err = errors.Join(err, images.Close()) }()
	s := images.Shape()
	fmt.Fprintf(w.out, "%d images of %d×%d×%d, %v, in %s\n", images.Len(), s.Channels, s.Height, s.Width,
		size(images.Len()*s.Channels*s.Height*s.Width*images.BytesPerPixel()), w.called(c.Cache))
	return nil
}
