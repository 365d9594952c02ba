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
// cross-validation it is trained on what the first fold trains on.
func findPoints(ctx context.Context, env stage.Env, e experiments.Experiment, cases audit.Cases) error {
	if e.Locate == nil {
		return nil
	}
	if cases.Folds > 0 {
		cases.Cases = stage.InFold(cases.Cases, cases.FoldsToRun()[0])
	}
	return locate.Run(ctx, env, *e.Locate, e.Train.Compute, cases)
}

// finder is the net of the run that finds points; ok is false where it has none.
func (p predictor) finder() (f locate.Finder, ok bool, err error) {
	if p.e.Locate == nil {
		return f, false, nil
	}
	f.Config, f.Compute = *p.e.Locate, p.e.Train.Compute
	f.Locator, f.Weights, ok, err = p.run.Finder()
	if err == nil && !ok {
		err = stage.Fault{Err: fmt.Errorf("run %s trained a net that finds points, and %s of it is gone", p.run.ID(), locate.File), Hint: "put its folder of checkpoints back, or train again"}
	}
	return f, ok, err
}

// findPointsOf looks for the point of each case.
func findPointsOf(ctx context.Context, env stage.Env, f locate.Finder, cases audit.Cases) (out []audit.FoundPoint, found []locate.Found, err error) {
	if found, err = f.Find(ctx, env, cases, f.Config.WantedOf(cases.Cases)); err != nil {
		return nil, nil, err
	}
	of := map[string]stage.Case{}
	for _, one := range cases.Cases {
		of[one.ID] = one
	}
	for _, one := range found {
		out = append(out, audit.FoundPoint{Case: of[one.Case], Series: one.Series, Image: one.Image, Point: one.Point, Chance: one.Chance})
	}
	return out, found, nil
}

// pointed is the section data with points that the run's own net finds, where the source tells
// none of them in its table of points, or they are to be found all the same.
func (c predictCommand) pointed(ctx context.Context, env stage.Env, p predictor, data audit.Config) (audit.Config, error) {
	if _, table := data.WithPoints(nil); !table || !c.FindPoints && !(data.Unlabelled() && !data.Pointed()) {
		return data, nil
	}
	f, ok, err := p.mayFind(c.FindPoints)
	if err != nil || !ok || slices.Contains([]string{"series", "study"}, data.Sample) {
		return data, err
	}
	cases, err := unpointed(ctx, env, p, data)
	if err != nil {
		return data, err
	}
	points, _, err := findPointsOf(ctx, env, f, cases)
	if err != nil {
		return data, err
	}
	data, _ = data.WithPoints(points)
	return data, nil
}

// mayFind is the finder; wanted says that there has to be one.
func (p predictor) mayFind(wanted bool) (locate.Finder, bool, error) {
	f, ok, err := p.finder()
	if err == nil && !ok && wanted {
		err = stage.Fault{Err: fmt.Errorf("run %s has no net that finds points", p.run.ID()), Hint: "add locate: {} to its experiment, and train it again"}
	}
	return f, ok, err
}

// unpointed are the cases of data whose points are to be found.
func unpointed(ctx context.Context, env stage.Env, p predictor, data audit.Config) (audit.Cases, error) {
	env.Recorder = onlyProgress{env.Recorder}
	data = data.Unpointed()
	if !data.Unlabelled() {
		return readData(ctx, env, data)
	}
	return audit.Unseen{Data: &data, Sample: data.Sample, Rules: data.Rules, Plane: data.Plane, Asked: stage.Questions{Classes: p.asked.Classes}}.Read(ctx, env)
}

// atPoints gives cases without a point, whose source has no table of points, the place that the
// run's own net finds.
func (c predictCommand) atPoints(ctx context.Context, env stage.Env, p predictor, cases audit.Cases) (audit.Cases, error) {
	lacks := slices.ContainsFunc(cases.Cases, func(one stage.Case) bool { return one.Point == nil && one.Marks == nil })
	if !p.e.Preprocess.NeedsPoint() || !lacks && !c.FindPoints {
		return cases, nil
	}
	f, ok, err := p.mayFind(c.FindPoints)
	if err != nil || !ok {
		return cases, err
	}
	points, _, err := findPointsOf(ctx, env, f, cases)
	if err != nil {
		return cases, err
	}
	at := map[string]audit.FoundPoint{}
	for _, one := range points {
		at[one.Case.ID] = one
	}
	for i, one := range cases.Cases {
		if found, ok := at[one.ID]; ok {
			cases.Cases[i].Image, cases.Cases[i].Point = found.Image, &found.Point
		}
	}
	return cases, nil
}
