package main

import (
	"context"
	"fmt"
	"maps"
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
// none of them in its table of points, or they are to be found all the same. Of one split only
// its studies are left, which in tells: a rule that drops points may drop others of the found
// ones, and then no case of the training may come to another split.
func (c predictCommand) pointed(ctx context.Context, env stage.Env, p predictor, data audit.Config) (out audit.Config, in *dealt, err error) {
	if _, table := data.WithPoints(nil); c.marked || !table || !c.FindPoints && !(data.Unlabelled() && !data.Pointed()) {
		return data, nil, nil
	}
	f, ok, err := p.mayFind(c.FindPoints)
	if err != nil || !ok || wholeSeries(data.Sample) {
		return data, nil, err
	}
	if c.Split != "" && !data.Unlabelled() {
		marked, err := readSilently(ctx, env, data)
		if err != nil {
			return data, nil, err
		}
		if in, err = c.dealt(marked.Cases); err != nil {
			return data, nil, err
		}
		data.Keep.Studies, data.Split = slices.Sorted(maps.Keys(in.groups)), audit.Untrained
	}
	cases, err := unpointed(ctx, env, p, data)
	if err != nil {
		return data, nil, err
	}
	points, _, err := findPointsOf(ctx, env, f, cases)
	if err != nil {
		return data, nil, err
	}
	data, _ = data.WithPoints(points)
	return data, in, nil
}

// wholeSeries says whether a sample is made of series whatever lies where in them.
func wholeSeries(sample string) bool { return sample == "series" || sample == "study" }

// mayFind is the finder; wanted says that there has to be one.
func (p predictor) mayFind(wanted bool) (locate.Finder, bool, error) {
	f, ok, err := p.finder()
	if err == nil && !ok && wanted {
		err = stage.Fault{Err: fmt.Errorf("run %s has no net that finds points", p.run.ID()), Hint: "add locate: {} to its experiment, and train it again"}
	}
	return f, ok, err
}

// readSilently tells nothing of the data.
func readSilently(ctx context.Context, env stage.Env, data audit.Config) (audit.Cases, error) {
	env.Recorder = onlyProgress{env.Recorder}
	return readData(ctx, env, data)
}

// unpointed are the cases of data whose points are to be found.
func unpointed(ctx context.Context, env stage.Env, p predictor, data audit.Config) (audit.Cases, error) {
	data = data.Unpointed()
	if !data.Unlabelled() {
		return readSilently(ctx, env, data)
	}
	env.Recorder = onlyProgress{env.Recorder}
	return audit.Unseen{Data: &data, Sample: data.Sample, Rules: data.Rules, Plane: data.Plane, Asked: stage.Questions{Classes: p.asked.Classes}}.Read(ctx, env)
}

// dealt is what lies in one split of data, as they are divided with the points that they have.
type dealt struct {
	split  stage.Split
	cases  map[string]bool // those of other splits are there, too
	groups map[string]bool
}

// dealt wants some case to be in the split that is asked for.
func (c predictCommand) dealt(cases []stage.Case) (_ *dealt, err error) {
	in := dealt{stage.Split(c.Split), map[string]bool{}, map[string]bool{}}
	for _, one := range cases {
		here := one.Split == in.split
		in.cases[one.ID] = here
		if here {
			in.groups[one.Group] = true
		}
	}
	if len(in.groups) == 0 {
		err = fmt.Errorf("%s has no cases in the %s split", c.Data[0], c.Split)
	}
	return &in, err
}

// only leaves those of the split. What the data do not call a case, such as the rows that their
// samples are made of, goes with its group.
func (d dealt) only(cases []stage.Case) (out []stage.Case) {
	for _, one := range cases {
		here, known := d.cases[one.ID]
		if here || !known && d.groups[one.Group] {
			one.Split = d.split
			out = append(out, one)
		}
	}
	return out
}

// atPoints gives cases without a point, whose source has no table of points, the place that the
// run's own net finds.
func (c predictCommand) atPoints(ctx context.Context, env stage.Env, p predictor, cases audit.Cases) (audit.Cases, error) {
	if c.marked {
		return cases, nil
	}
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
		if found, ok := at[one.ID]; ok && (one.Point == nil || c.FindPoints) {
			cases.Cases[i].Image, cases.Cases[i].Point = found.Image, &found.Point
		}
	}
	return cases, nil
}
