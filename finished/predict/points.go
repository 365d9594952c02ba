package predict

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"vertebra/finished"
	"vertebra/stages/audit"
	"vertebra/stages/locate"
	"vertebra/stages/memory"
	"vertebra/stages/stage"
)

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
func (r Request) pointed(ctx context.Context, env stage.Env, o finished.Opened, data audit.Config) (out audit.Config, in *dealt, err error) {
	if _, table := data.WithPoints(nil); r.Marked || !table || !r.FindPoints && !(data.Unlabelled() && !data.Pointed()) {
		return data, nil, nil
	}
	f, ok, err := mayFind(o, r.FindPoints)
	if err != nil || !ok || wholeSeries(data.Sample) {
		return data, nil, err
	}
	if r.Split != "" && !data.Unlabelled() {
		marked, err := ReadQuietly(ctx, env, data)
		if err != nil {
			return data, nil, err
		}
		if in, err = r.dealt(marked.Cases); err != nil {
			return data, nil, err
		}
		data.Keep.Studies, data.Split = slices.Sorted(maps.Keys(in.groups)), audit.Untrained
	}
	cases, err := unpointed(ctx, env, o, data)
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

// mayFind is the net of the run that finds points; wanted says that there has to be one.
func mayFind(o finished.Opened, wanted bool) (locate.Finder, bool, error) {
	f, ok, err := o.Finder()
	if err == nil && !ok && wanted {
		err = stage.Fault{Err: fmt.Errorf("run %s has no net that finds points", o.Run.ID()), Hint: "add locate: {} to its experiment, and train it again"}
	}
	return f, ok, err
}

// ReadQuietly is audit.Run, sparing memory, that tells nothing of the data.
func ReadQuietly(ctx context.Context, env stage.Env, data audit.Config) (audit.Cases, error) {
	defer memory.Sparing()()
	env.Recorder = stage.OnlyProgress{Recorder: env.Recorder}
	return audit.Run(ctx, env, data)
}

// unpointed are the cases of data whose points are to be found.
func unpointed(ctx context.Context, env stage.Env, o finished.Opened, data audit.Config) (audit.Cases, error) {
	data = data.Unpointed()
	if !data.Unlabelled() {
		return ReadQuietly(ctx, env, data)
	}
	env.Recorder = stage.OnlyProgress{Recorder: env.Recorder}
	return audit.Unseen{Data: &data, Sample: data.Sample, Rules: data.Rules, Plane: data.Plane, Asked: stage.Questions{Classes: o.Asked.Classes}}.Read(ctx, env)
}

// dealt is what lies in one split of data, as they are divided with the points that they have.
type dealt struct {
	split  stage.Split
	cases  map[string]bool // those of other splits are there, too
	groups map[string]bool
}

// dealt wants some case to be in the split that is asked for.
func (r Request) dealt(cases []stage.Case) (_ *dealt, err error) {
	in := dealt{stage.Split(r.Split), map[string]bool{}, map[string]bool{}}
	for _, one := range cases {
		here := one.Split == in.split
		in.cases[one.ID] = here
		if here {
			in.groups[one.Group] = true
		}
	}
	if len(in.groups) == 0 {
		err = fmt.Errorf("%s has no cases in the %s split", r.Data[0], r.Split)
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
func (r Request) atPoints(ctx context.Context, env stage.Env, o finished.Opened, cases audit.Cases) (audit.Cases, error) {
	if r.Marked {
		return cases, nil
	}
	lacks := slices.ContainsFunc(cases.Cases, func(one stage.Case) bool { return one.Point == nil && one.Marks == nil })
	if !o.Experiment.Preprocess.NeedsPoint() || !lacks && !r.FindPoints {
		return cases, nil
	}
	f, ok, err := mayFind(o, r.FindPoints)
	if err != nil || !ok {
		return cases, err
	}
	f.Kept = r.Kept.finderOf(o)
	points, _, err := findPointsOf(ctx, env, f, cases)
	if err != nil {
		return cases, err
	}
	at := map[string]audit.FoundPoint{}
	for _, one := range points {
		at[one.Case.ID] = one
	}
	for i, one := range cases.Cases {
		if found, ok := at[one.ID]; ok && (one.Point == nil || r.FindPoints) {
			cases.Cases[i].Image, cases.Cases[i].Point = found.Image, &found.Point
		}
	}
	cases.SpaceLevels()
	return cases, nil
}
