package predict

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"vertebra/finished"
	"vertebra/stages/locate"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Kept are nets that stay open from one request to the next, so that their weights are read once.
// Each fold, and each member of an ensemble, has a net of its own on the device. The zero value
// keeps none yet. It serves one request at a time.
type Kept struct {
	nets    map[kept]*model.Net
	finders map[string]*locate.Kept // by run
}

// kept tells nets apart: by the file of their weights, and what images they were made for.
type kept struct {
	weights string
	shape   preprocess.Shape
}

// Open opens all nets of a run before somebody asks, so that what is wrong with them is told then.
func (k *Kept) Open(ctx context.Context, env stage.Env, o finished.Opened) error {
	enter, err := o.Entering()
	if err != nil {
		return err
	}
	p := Predictor{Opened: o, request: Request{Kept: k}}
	opener := p.opener(env, enter.Shape)
	opener.cfg.Input = enter.Input
	for _, one := range o.Nets {
		if _, err := opener.open(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// Close frees the nets.
func (k *Kept) Close() (err error) {
	for net := range maps.Values(k.nets) {
		err = errors.Join(err, net.Close())
	}
	for finder := range maps.Values(k.finders) {
		err = errors.Join(err, finder.Close())
	}
	k.nets, k.finders = nil, nil
	return err
}

// finderOf is where the net of a run that finds points stays open; nil where nothing is kept.
func (k *Kept) finderOf(o finished.Opened) *locate.Kept {
	if k == nil {
		return nil
	}
	if k.finders == nil {
		k.finders = map[string]*locate.Kept{}
	}
	if k.finders[o.Run.ID()] == nil {
		k.finders[o.Run.ID()] = &locate.Kept{}
	}
	return k.finders[o.Run.ID()]
}

// opener opens the nets of a run, one after the other: into one net with other weights each time,
// or where they are kept each into its own.
type opener struct {
	env   stage.Env
	cfg   model.Config
	task  model.Task
	shape preprocess.Shape // of the images
	kept  *Kept
	only  *model.Net // nil where nets are kept, and before the first
}

func (p Predictor) opener(env stage.Env, shape preprocess.Shape) *opener {
	env.Seed = p.Experiment.Seed
	return &opener{env: env, cfg: p.Experiment.Model, task: p.Task(), shape: shape, kept: p.request.Kept}
}

// open gives a net with its weights.
func (o *opener) open(ctx context.Context, one finished.Net) (*model.Net, error) {
	if o.kept != nil {
		return o.keep(ctx, one)
	}
	if o.only == nil {
		net, err := o.blank(ctx)
		if err != nil {
			return nil, err
		}
		o.only = net
	}
	return o.only, o.restore(ctx, o.only, one)
}

// keep gives the net that is kept, which it opens the first time.
func (o *opener) keep(ctx context.Context, one finished.Net) (*model.Net, error) {
	name, err := one.Find()
	if err != nil {
		return nil, err
	}
	key := kept{name, o.shape}
	if net := o.kept.nets[key]; net != nil {
		return net, nil
	}
	net, err := o.blank(ctx)
	if err != nil {
		return nil, err
	}
	if err := o.restore(ctx, net, one); err != nil {
		return nil, errors.Join(err, net.Close())
	}
	if o.kept.nets == nil {
		o.kept.nets = map[kept]*model.Net{}
	}
	o.kept.nets[key] = net
	return net, nil
}

func (o *opener) blank(ctx context.Context) (*model.Net, error) {
	net, err := model.Blank(ctx, o.env, o.cfg, o.shape, o.task)
	if err != nil {
		err = fmt.Errorf("model: %w", err)
	}
	return net, err
}

func (o *opener) restore(ctx context.Context, net *model.Net, one finished.Net) error {
	if err := train.Restore(ctx, net, one); err != nil {
		return err
	}
	return one.Tried(ctx, net, o.shape)
}

// close frees what is not kept.
func (o *opener) close() error {
	if o.only == nil {
		return nil
	}
	return o.only.Close()
}
