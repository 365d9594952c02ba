package predict

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/finished"

	"vertebra/experiments"
	"vertebra/stages/audit"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// cases finds what is to be predicted.
func (r Request) cases(ctx context.Context, env stage.Env, o finished.Opened) (audit.Cases, error) {
	if len(r.Data) == 1 && r.isFile(r.Data[0]) {
		return r.Labelled(ctx, env, o)
	}
	if err := r.untold(o); err != nil {
		return audit.Cases{}, err
	}
	unseen, err := r.unseen(o)
	if err != nil {
		return audit.Cases{}, err
	}
	cases, err := unseen.Read(ctx, env)
	if err == nil {
		cases, err = r.atPoints(ctx, env, o, cases)
	}
	if err != nil {
		return cases, err
	}
	r.rename(cases.Cases)
	return cases, suits(o, cases)
}

// isFile says whether data are an experiment file.
func (r Request) isFile(path string) bool { return !r.OnlyImages && experiments.IsFile(path) }

// rename has names of cases begin below Within, as where somebody works in that folder.
func (r Request) rename(cases []stage.Case) {
	if r.Within == "" {
		return
	}
	below := func(name string) string { return strings.TrimPrefix(name, r.Within+string(filepath.Separator)) }
	for i, one := range cases {
		cases[i].ID, cases[i].Sample, cases[i].Group = below(one.ID), below(one.Sample), below(one.Group)
	}
}

// untold refuses what images do not tell of themselves.
func (r Request) untold(o finished.Opened) error {
	if at := slices.IndexFunc(r.Data, r.isFile); at >= 0 {
		return stage.Fault{Err: fmt.Errorf("%s is an experiment file, and no image", r.Data[at]), Hint: "name it alone, or name images and folders of images"}
	}
	if len(r.Set) > 0 {
		return stage.Fault{Err: fmt.Errorf("--set %s: %s is no experiment file", r.Set[0], strings.Join(r.Data, " ")), Hint: "name an experiment file, or leave --set out"}
	}
	if r.Split != "" {
		return stage.Fault{Err: fmt.Errorf("--split %s: %s has no splits", r.Split, strings.Join(r.Data, " ")), Hint: "name an experiment file, or leave --split out"}
	}
	if o.Experiment.Data.Sample == "level" {
		return stage.Fault{Err: fmt.Errorf("a sample of run %s is a level, which images alone do not tell", o.Run.ID()), Hint: hintExperiment}
	}
	return nil
}

const hintExperiment = "name an experiment file whose data section says where tables and images are"

// unseen is how images, folders or a table are read as the run read its own.
func (r Request) unseen(o finished.Opened) (u audit.Unseen, err error) {
	data := o.Experiment.Data
	columns := data.Columns(r.Columns)
	if o.Experiment.Preprocess.NeedsSpacing() {
		columns.Tags = append(columns.Tags, audit.SpacingTags...)
	}
	if len(data.Views) > 0 && len(columns.Images)+len(columns.View) == 0 {
		return u, stage.Fault{Err: fmt.Errorf("run %s sees several views of each sample, which images alone do not tell", o.Run.ID()), Hint: hintExperiment}
	}
	if r.OnlyImages {
		u.Paths = r.Data
	} else if u, err = audit.NewUnseen(r.Data, columns); err != nil {
		return u, err
	}
	if u.Views, u.Rules = data.Views, data.Rules; len(u.Views) > 0 && len(u.Table.Images)+len(u.Table.View) == 0 {
		return u, stage.Fault{Err: fmt.Errorf("run %s sees several views of each sample (%s), which images alone do not tell", o.Run.ID(), strings.Join(u.Views, ", ")), Hint: "name a table with the columns of the run's own, a row for each sample, or an experiment file"}
	}
	u.Sample, u.FolderIsSeries, u.Asked, u.Headers, u.Plane = data.Sample, data.Source.Name == "rsna" || r.FolderIsSeries, o.Asked, data.Headers, data.Plane
	if o.Run.Fact(audit.SeriesFact) != "" && u.Sample == "point" && u.Table.File == "" {
		u.Sample = "series" // an image of the run's table was a folder of slices, too
	}
	return u, nil
}

// suits refuses cases that lack what the run's preprocessing needs.
func suits(o finished.Opened, cases audit.Cases) error {
	pointless := func(one stage.Case) bool {
		return one.Point == nil && !slices.ContainsFunc(one.Marks, func(m stage.Mark) bool { return m.Point != nil })
	}
	if o.Experiment.Preprocess.NeedsPoint() && slices.ContainsFunc(cases.Cases, pointless) {
		return stage.Fault{
			Err:  fmt.Errorf("run %s crops around a point of each image, and these have none", o.Run.ID()),
			Hint: "name a CSV file with the columns image, x and y (see --column-x), or an experiment file",
		}
	}
	if preprocess.AllUnspaced(o.Experiment.Preprocess, cases) {
		return stage.Fault{
			Err:  fmt.Errorf("run %s crops by how far levels lie apart, and on no series of these images two neighbouring ones are marked", o.Run.ID()),
			Hint: "name a CSV file with the columns image, x, y and level, and rows for neighbouring levels, or an experiment file",
		}
	}
	if preprocess.Untold(o.Experiment.Preprocess, cases) {
		return stage.Fault{
			Err:  fmt.Errorf("the step by_view of run %s goes by the type of a series, which images alone do not tell", o.Run.ID()),
			Hint: hintExperiment,
		}
	}
	return nil
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

// OtherData is the section data of an experiment, asked as the run's own was.
func (r Request) OtherData(o finished.Opened) (audit.Config, error) {
	e, err := experiments.LoadData(r.Data[0], r.Set)
	if err != nil {
		return audit.Config{}, err
	}
	data := asTrainedOn(o.Experiment.Data, e.Data, o.Asked)
	switch {
	case r.Split != "":
	case r.Whole:
		data.Split = audit.Untrained
	default:
		data.Split.TrainSize = 1 // what a training does without is there all the same
	}
	return data, nil
}

// readOther reads the data. An audit looks at pixels as well, once images are made: Predictor.predict
// ends what it begins. Without one nothing is told of the data: runner audit does that.
func (r Request) readOther(ctx context.Context, env stage.Env, data audit.Config) (audit.Cases, error) {
	if r.Audit {
		return audit.Begin(ctx, env, data)
	}
	return ReadQuietly(ctx, env, data)
}

func (r Request) noSplits() error {
	return stage.Fault{Err: fmt.Errorf("--split %s: %s is of data without labels, and has no splits", r.Split, r.Data[0]), Hint: "leave --split out"}
}

// unlabelled takes the cases of an experiment whose source has no labels.
func (r Request) unlabelled(ctx context.Context, env stage.Env, o finished.Opened, data audit.Config) (audit.Cases, error) {
	if r.Split != "" {
		return audit.Cases{}, r.noSplits()
	}
	unseen := audit.Unseen{Data: &data, Sample: data.Sample, Views: data.Views, Rules: data.Rules, Headers: data.Headers, Plane: data.Plane, Asked: o.Asked}
	cases, err := unseen.Read(ctx, env)
	if err != nil {
		return cases, err
	}
	return cases, suits(o, cases)
}

// ofSplit leaves the cases that are asked about; in knows them where points were found for their
// studies alone.
func (r Request) ofSplit(cases audit.Cases, in *dealt) audit.Cases {
	switch {
	case in != nil:
		cases.Cases = in.only(cases.Cases)
		cases.Dropped = slices.DeleteFunc(slices.Clone(cases.Dropped), func(f audit.Finding) bool { return f.ID == "study_dropped_on_request" })
	case r.Split != "":
		cases.Cases = slices.DeleteFunc(cases.Cases, func(one stage.Case) bool { return string(one.Split) != r.Split })
	}
	return cases
}

// Labelled takes the cases of an experiment's data, made as the run made its
// own. Their labels are kept, so that the predictions can be measured.
func (r Request) Labelled(ctx context.Context, env stage.Env, o finished.Opened) (audit.Cases, error) {
	data, err := r.OtherData(o)
	if err != nil {
		return audit.Cases{}, err
	}
	data, in, err := r.pointed(ctx, env, o, data)
	if err != nil {
		return audit.Cases{}, experiments.Place(err, r.Data[0], r.Set)
	}
	if data.Unlabelled() && !r.Whole {
		cases, err := r.unlabelled(ctx, env, o, data)
		return cases, experiments.Place(err, r.Data[0], r.Set)
	}
	cases, err := r.readOther(ctx, env, data)
	if err != nil {
		return cases, experiments.Place(err, r.Data[0], r.Set)
	}
	if err := cases.Answered(o.Asked); err != nil {
		return cases, fmt.Errorf("%s: %w", r.Data[0], err)
	}
	if !slices.Equal(cases.Classes, o.Asked.Classes) {
		return cases, stage.Fault{
			Err:  fmt.Errorf("the run's classes are %s, those of %s are %s", strings.Join(o.Asked.Classes, ", "), r.Data[0], strings.Join(cases.Classes, ", ")),
			Hint: "data.merge renames classes and makes one of several; of a table or folders whose classes are named, in classes, others are left out",
		}
	}
	if err := cases.Answer(o.Asked); err != nil {
		return cases, fmt.Errorf("%s: %w", r.Data[0], err)
	}
	cases = r.ofSplit(cases, in)
	if len(cases.Cases) == 0 {
		return cases, fmt.Errorf("%s has no cases in the %s split", r.Data[0], r.Split)
	}
	if _, table := data.WithPoints(nil); !table {
		if cases, err = r.atPoints(ctx, env, o, cases); err != nil {
			return cases, err
		}
	}
	if preprocess.Untold(o.Experiment.Preprocess, cases) {
		return cases, stage.Fault{Err: fmt.Errorf("the step by_view of run %s goes by views or types of series, of which %s has none", o.Run.ID(), r.Data[0]),
			Hint: "predict with a source that tells them, as the run's does"}
	}
	return cases, nil
}
