package main

import (
	"context"
	"fmt"
	"slices"

	"vertebra/experiments"
	"vertebra/stages/audit"
	"vertebra/stages/locate"
	"vertebra/stages/model"
	"vertebra/stages/stage"
)

// fetchWeights gets the published weights that the nets of an experiment begin with.
func fetchWeights(ctx context.Context, env stage.Env, e experiments.Experiment) error {
	if err := model.FetchWeights(ctx, env, e.Model); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	if e.Locate == nil {
		return nil
	}
	if err := model.FetchWeights(ctx, env, e.Locate.Model()); err != nil {
		return fmt.Errorf("locate: %w", err)
	}
	return nil
}

// findPoints trains the net that finds points, where the experiment wants one. With
// cross-validation it is trained on what the first fold trains on. Cases whose image cannot be
// read are none of images.
func findPoints(ctx context.Context, env stage.Env, e experiments.Experiment, cases audit.Cases, images []stage.Case) error {
	if e.Locate == nil {
		return nil
	}
	usable := map[string]bool{}
	for _, one := range images {
		usable[one.ID] = true
	}
	cases.Cases = slices.DeleteFunc(slices.Clone(cases.Cases), func(one stage.Case) bool { return !usable[one.ID] })
	if cases.Folds > 0 {
		cases.Cases = stage.InFold(cases.Cases, cases.FoldsToRun()[0])
	}
	return locate.Run(ctx, env, *e.Locate, e.Train.Compute, cases)
}
