package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/experiments"
	"vertebra/stages/audit"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// cases finds what is to be predicted.
func (c predictCommand) cases(ctx context.Context, env stage.Env, p predictor) (audit.Cases, error) {
	if len(c.Data) == 1 && isExperiment(c.Data[0]) {
		return c.ofExperiment(ctx, env, p)
	}
	if err := c.untold(p); err != nil {
		return audit.Cases{}, err
	}
	unseen, err := c.unseen(p)
	if err != nil {
		return audit.Cases{}, err
	}
	cases, err := unseen.Read(ctx, env)
	if err == nil {
		cases, err = c.atPoints(ctx, env, p, cases)
	}
	if err != nil {
		return cases, err
	}
	return cases, p.suits(cases)
}

// untold refuses what images do not tell of themselves.
func (c predictCommand) untold(p predictor) error {
	if at := slices.IndexFunc(c.Data, isExperiment); at >= 0 {
		return stage.Fault{Err: fmt.Errorf("%s is an experiment file, and no image", c.Data[at]), Hint: "name it alone, or name images and folders of images"}
	}
	if len(c.Set) > 0 {
		return stage.Fault{Err: fmt.Errorf("--set %s: %s is no experiment file", c.Set[0], strings.Join(c.Data, " ")), Hint: "name an experiment file, or leave --set out"}
	}
	if c.Split != "" {
		return stage.Fault{Err: fmt.Errorf("--split %s: %s has no splits", c.Split, strings.Join(c.Data, " ")), Hint: "name an experiment file, or leave --split out"}
	}
	if p.e.Data.Sample == "level" {
		return stage.Fault{Err: fmt.Errorf("a sample of run %s is a level, which images alone do not tell", p.run.ID()), Hint: hintExperiment}
	}
	return nil
}

const hintExperiment = "name an experiment file whose data section says where tables and images are"

// unseen is how images, folders or a table are read as the run read its own.
func (c predictCommand) unseen(p predictor) (u audit.Unseen, err error) {
	data, columns := p.e.Data, c.columns(p.e.Data)
	if len(data.Views) > 0 && len(columns.Images)+len(columns.View) == 0 {
		return u, stage.Fault{Err: fmt.Errorf("run %s sees several views of each sample, which images alone do not tell", p.run.ID()), Hint: hintExperiment}
	}
	if u, err = audit.NewUnseen(c.Data, columns); err != nil {
		return u, err
	}
	if u.Views, u.Rules = data.Views, data.Rules; len(u.Views) > 0 && len(u.Table.Images)+len(u.Table.View) == 0 {
		return u, stage.Fault{Err: fmt.Errorf("run %s sees several views of each sample (%s), which images alone do not tell", p.run.ID(), strings.Join(u.Views, ", ")), Hint: "name a table with the columns of the run's own, a row for each sample, or an experiment file"}
	}
	u.Sample, u.FolderIsSeries, u.Asked, u.Headers, u.Plane = data.Sample, data.Source.Name == "rsna", p.asked, data.Headers, data.Plane
	if p.run.Fact(audit.SeriesFact) != "" && u.Sample == "point" && u.Table.File == "" {
		u.Sample = "series" // an image of the run's table was a folder of slices, too
	}
	return u, nil
}

// suits refuses cases that lack what the run's preprocessing needs.
func (p predictor) suits(cases audit.Cases) error {
	pointless := func(one stage.Case) bool {
		return one.Point == nil && !slices.ContainsFunc(one.Marks, func(m stage.Mark) bool { return m.Point != nil })
	}
	if p.e.Preprocess.NeedsPoint() && slices.ContainsFunc(cases.Cases, pointless) {
		return stage.Fault{
			Err:  fmt.Errorf("run %s crops around a point of each image, and these have none", p.run.ID()),
			Hint: "name a CSV file with the columns image, x and y (see --column-x), or an experiment file",
		}
	}
	if preprocess.Untold(p.e.Preprocess, cases) {
		return stage.Fault{
			Err:  fmt.Errorf("the step by_view of run %s goes by the type of a series, which images alone do not tell", p.run.ID()),
			Hint: hintExperiment,
		}
	}
	return nil
}

func isExperiment(path string) bool {
	return slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(filepath.Ext(path)))
}

// columns are those of the command line; what was left at its default is what the
// run's own table calls it.
func (c predictCommand) columns(data audit.Config) audit.Table {
	return data.Columns(audit.Table{Image: c.Columns.Image, ID: c.Columns.ID, Group: c.Columns.Group, Series: c.Columns.Series, X: c.Columns.X, Y: c.Columns.Y})
}

// asTrainedOn gives other data the samples, labels and images that a net of the run's data
// knows.
func asTrainedOn(run, other audit.Config, asked stage.Questions) audit.Config {
	other = other.Asked(run, asked)
	other.Views, other.Covariates, other.Plane = run.Views, run.Covariates.IfThere(), run.Plane
	other.Headers = append(other.Headers, run.Headers...)
	if len(other.Merge) == 0 {
		other.Merge = run.Merge
	}
	if action, said := run.Rules[audit.ViewMissing]; said { // what the net sees then is the run's matter
		rules := maps.Clone(other.Rules)
		if rules == nil {
			rules = audit.Actions{}
		}
		rules[audit.ViewMissing], other.Rules = action, rules
	}
	return other
}

// otherData is the section data of an experiment, asked as the run's own was.
func (c predictCommand) otherData(p predictor) (audit.Config, error) {
	e, err := experiments.LoadData(c.Data[0], c.Set)
	if err != nil {
		return audit.Config{}, err
	}
	data := asTrainedOn(p.e.Data, e.Data, p.asked)
	switch {
	case c.Split != "":
	case c.whole:
		data.Split = audit.Untrained
	default:
		data.Split.TrainSize = 1 // what a training does without is there all the same
	}
	return data, nil
}

// readOther reads the data. An audit looks at pixels as well, once images are made: predictor.predict
// ends what it begins. Without one nothing is told of the data: runner audit does that.
func (c predictCommand) readOther(ctx context.Context, env stage.Env, data audit.Config) (audit.Cases, error) {
	if c.audit {
		return audit.Begin(ctx, env, data)
	}
	env.Recorder = onlyProgress{env.Recorder}
	return readData(ctx, env, data)
}

func (c predictCommand) noSplits() error {
	return stage.Fault{Err: fmt.Errorf("--split %s: %s is of data without labels, and has no splits", c.Split, c.Data[0]), Hint: "leave --split out"}
}

// unlabelled takes the cases of an experiment whose source has no labels.
func (c predictCommand) unlabelled(ctx context.Context, env stage.Env, p predictor, data audit.Config) (audit.Cases, error) {
	if c.Split != "" {
		return audit.Cases{}, c.noSplits()
	}
	unseen := audit.Unseen{Data: &data, Sample: data.Sample, Views: data.Views, Rules: data.Rules, Headers: data.Headers, Plane: data.Plane, Asked: p.asked}
	cases, err := unseen.Read(ctx, env)
	if err != nil {
		return cases, err
	}
	return cases, p.suits(cases)
}

// ofSplit leaves the cases that are asked about; in knows them where points were found for their
// studies alone.
func (c predictCommand) ofSplit(cases audit.Cases, in *dealt) audit.Cases {
	switch {
	case in != nil:
		cases.Cases = in.only(cases.Cases)
		cases.Dropped = slices.DeleteFunc(slices.Clone(cases.Dropped), func(f audit.Finding) bool { return f.ID == "study_dropped_on_request" })
	case c.Split != "":
		cases.Cases = slices.DeleteFunc(cases.Cases, func(one stage.Case) bool { return string(one.Split) != c.Split })
	}
	return cases
}

// ofExperiment takes the cases of an experiment's data, made as the run made its
// own. Their labels are kept, so that the predictions can be measured.
func (c predictCommand) ofExperiment(ctx context.Context, env stage.Env, p predictor) (audit.Cases, error) {
	data, err := c.otherData(p)
	if err != nil {
		return audit.Cases{}, err
	}
	data, in, err := c.pointed(ctx, env, p, data)
	if err != nil {
		return audit.Cases{}, experiments.Place(err, c.Data[0], c.Set)
	}
	if data.Unlabelled() && !c.whole {
		cases, err := c.unlabelled(ctx, env, p, data)
		return cases, experiments.Place(err, c.Data[0], c.Set)
	}
	cases, err := c.readOther(ctx, env, data)
	if err != nil {
		return cases, experiments.Place(err, c.Data[0], c.Set)
	}
	if err := cases.Answered(p.asked); err != nil {
		return cases, fmt.Errorf("%s: %w", c.Data[0], err)
	}
	if !slices.Equal(cases.Classes, p.asked.Classes) {
		return cases, stage.Fault{
			Err:  fmt.Errorf("the run's classes are %s, those of %s are %s", strings.Join(p.asked.Classes, ", "), c.Data[0], strings.Join(cases.Classes, ", ")),
			Hint: "data.merge renames classes and makes one of several; of a table or folders whose classes are named, in classes, others are left out",
		}
	}
	if err := cases.Answer(p.asked); err != nil {
		return cases, fmt.Errorf("%s: %w", c.Data[0], err)
	}
	cases = c.ofSplit(cases, in)
	if len(cases.Cases) == 0 {
		return cases, fmt.Errorf("%s has no cases in the %s split", c.Data[0], c.Split)
	}
	if _, table := data.WithPoints(nil); !table {
		if cases, err = c.atPoints(ctx, env, p, cases); err != nil {
			return cases, err
		}
	}
	if preprocess.Untold(p.e.Preprocess, cases) {
		return cases, stage.Fault{Err: fmt.Errorf("the step by_view of run %s goes by views or types of series, of which %s has none", p.run.ID(), c.Data[0]),
			Hint: "predict with a source that tells them, as the run's does"}
	}
	return cases, nil
}
