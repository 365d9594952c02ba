package predict

import (
	"context"
	"errors"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/stages/audit"
	"vertebra/stages/locate"
	"vertebra/stages/stage"
)

// Located are points that the net of a run found.
type Located struct {
	Cases  audit.Cases // whose points were looked for
	Points []audit.FoundPoint
	OfRSNA bool // the data have a table of points, as RSNA's
	found  []locate.Found
	finder locate.Finder
}

// Locate looks for the point of each case with the run's own net. A run without one is an error.
func (r Request) Locate(ctx context.Context, env stage.Env, o finished.Opened) (l Located, err error) {
	env.Seed = o.Experiment.Seed
	if l.finder, _, err = mayFind(o, true); err != nil {
		return l, err
	}
	if l.Cases, l.OfRSNA, err = r.toLocate(ctx, env, o); err != nil {
		return l, err
	}
	l.Points, l.found, err = findPointsOf(ctx, env, l.finder, l.Cases)
	return l, err
}

// Measure says how far points lie from those that the data has; nothing where it has none.
func (l Located) Measure() ([]stage.Scalar, error) { return l.finder.Compare(l.Cases, l.found) }

// toLocate are the cases whose points are looked for; ofRSNA says that these have a table of
// their own.
func (r Request) toLocate(ctx context.Context, env stage.Env, o finished.Opened) (cases audit.Cases, ofRSNA bool, err error) {
	if len(r.Data) != 1 || !experiments.IsFile(r.Data[0]) {
		if err := r.untold(o); err != nil {
			return cases, false, err
		}
		unseen, err := r.unseen(o)
		if err != nil {
			return cases, false, err
		}
		cases, err = unseen.Read(ctx, env)
		return cases, false, err
	}
	data, err := r.OtherData(o)
	if err != nil {
		return cases, false, err
	}
	_, ofRSNA = data.WithPoints(nil)
	if cases, err = unpointed(ctx, env, o, data); err != nil {
		return cases, ofRSNA, experiments.Place(err, r.Data[0], r.Set)
	}
	if cases, err = r.asMarked(ctx, env, data, cases); err == nil && len(cases.Cases) == 0 {
		err = errors.New("there is nothing to look for: no case is left")
	}
	return cases, ofRSNA, experiments.Place(err, r.Data[0], r.Set)
}

// asMarked gives cases whose points are looked for the identity of the data as they are, and
// leaves those of the split that is asked for.
func (r Request) asMarked(ctx context.Context, env stage.Env, data audit.Config, cases audit.Cases) (audit.Cases, error) {
	if data.Unlabelled() && r.Split != "" {
		return cases, r.noSplits()
	} else if data.Unlabelled() {
		return cases, nil
	}
	marked, err := ReadQuietly(ctx, env, data)
	if err != nil {
		return cases, err
	}
	cases.Fingerprint, cases.Undivided = marked.Fingerprint, marked.Undivided
	if r.Split == "" {
		return cases, nil
	}
	in, err := r.dealt(marked.Cases)
	if err == nil {
		cases.Cases = in.only(cases.Cases)
	}
	return cases, err
}
