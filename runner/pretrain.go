package main

import (
	"context"
	"fmt"

	"vertebra/experiments"
	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/pretrain"
	"vertebra/stages/stage"
)

// gather makes the images that backbones learn from before they are trained; nil where an experiment
// wants none of that.
func gather(ctx context.Context, env stage.Env, e experiments.Experiment, cases audit.Cases, images *preprocess.Images) (*pretrain.Material, error) {
	if e.Pretrain == nil {
		return nil, nil
	}
	return pretrain.Gather(ctx, env, *e.Pretrain, e.Data, e.Preprocess, cases, images)
}

// pretrain lets the backbone of a fold learn from images alone, and gives what lets a net begin with
// that.
func (t training) pretrain(ctx context.Context, env stage.Env, fold int) (begin func(context.Context, *model.Net) error, err error) {
	if t.e.Pretrain == nil {
		return func(context.Context, *model.Net) error { return nil }, nil
	}
	machine, err := machineOf(ctx, env)
	if err != nil {
		return nil, err
	}
	backbone, err := pretrain.Run(ctx, env, pretrain.Job{
		Config: *t.e.Pretrain, Model: t.e.Model, Task: t.e.Task(t.images.Questions(), nil), Train: t.e.Train,
		Material: t.material, Fold: fold, Machine: machine,
	})
	return backbone.Begin, err
}

// machineOf names what decides the bits of a training besides its content.
func machineOf(ctx context.Context, env stage.Env) ([]string, error) {
	program, err := programVersion()
	if err != nil {
		return nil, fmt.Errorf("this program: %w", err)
	}
	machine, err := model.FindMachine(ctx, env.Device)
	return []string{program, machine.LibTorch, machine.Device}, err
}
