package predict

import (
	"context"
	"errors"
	"fmt"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// askMembers asks the nets of all members of an ensemble, each with its own preprocessing, folds,
// views and calibration, and blends what they say. The images of the first are shown.
func (r Request) askMembers(ctx context.Context, env stage.Env, run finished.Run) (p Predictor, items []stage.Prediction, err error) {
	e, err := experiments.StoredEnsemble(run.Experiment())
	if err != nil {
		return p, nil, err
	}
	if p.Opened, err = finished.Read(run); err != nil {
		return p, nil, err
	}
	p.Experiment.Seed, p.Experiment.Evaluate = e.Seed, e.Evaluate
	if err := r.fitsEnsemble(run); err != nil {
		return p, nil, err
	}
	members, weights, err := finished.Members(ctx, run, e.Ensemble)
	if err != nil {
		return p, nil, err
	}
	own := r
	own.Raw = e.Ensemble.Raw
	said, rare, err := own.askEach(ctx, env, members, &p)
	if err != nil {
		return p, nil, err
	}
	said, left := commonCases(said)
	if left > 0 {
		if err := warn(ctx, env, fmt.Sprintf("%d cases are left out, since not all members could predict them", left)); err != nil {
			return p, nil, err
		}
	}
	if len(said[0]) == 0 {
		return p, nil, stage.Fault{Err: errors.New("nothing could be predicted: there is no image that all members could use"), Hint: "the warnings say why"}
	}
	p.Rarity = meanRarity(rare)
	if err := warn(ctx, env, p.outlying(said[0])); err != nil {
		return p, nil, err
	}
	items = evaluate.Blend{By: e.Ensemble.By, Weights: weights}.Of(said)
	if !r.Raw {
		items, err = p.Calibrated(items)
	}
	return p, items, err
}

// askEach asks the nets of one member after the other, and gives what each says, and how rare such
// images are by it. What the last one calls the cases is what p calls them.
func (r Request) askEach(ctx context.Context, env stage.Env, members []finished.Opened, p *Predictor) (said [][]stage.Prediction, rare []*Rarity, err error) {
	for i, opened := range members {
		if i > 0 { // what is told once of the images
			r.See, r.Audit = nil, false
		}
		if err := warn(ctx, env, opened.NoOutliers()); err != nil {
			return nil, nil, err
		}
		next := stage.Event{Level: "info", Text: fmt.Sprintf("member %s, %d of %d", opened.Run.ID(), i+1, len(members))}
		if err := env.Recorder.Record(ctx, next); err != nil {
			return nil, nil, err
		}
		m, answers, err := r.askNets(ctx, env, opened)
		if err != nil {
			return nil, nil, fmt.Errorf("member %s: %w", opened.Run.ID(), err)
		}
		said, rare, p.Samples, p.Cases = append(said, answers), append(rare, m.Rarity), m.Samples, m.Cases
	}
	return said, rare, nil
}

// fitsEnsemble refuses what only one net can give.
func (r Request) fitsEnsemble(run finished.Run) error {
	switch {
	case r.Fold != 0:
		return stage.Fault{Err: fmt.Errorf("--fold %d: run %s is an ensemble", r.Fold, run.ID()), Hint: "ask one of its members, or leave --fold out"}
	case r.Features != nil:
		return stage.Fault{Err: fmt.Errorf("--features: run %s is an ensemble, whose nets see other things each", run.ID()), Hint: "ask its members one by one"}
	}
	return nil
}

// commonCases keeps the cases that all lists have, in the order of the first, and counts those
// that are left out.
func commonCases(lists [][]stage.Prediction) (out [][]stage.Prediction, left int) {
	at := make([]map[string]stage.Prediction, len(lists))
	votes := map[string]int{}
	for m, items := range lists {
		at[m] = map[string]stage.Prediction{}
		for _, item := range items {
			at[m][item.CaseID] = item
			votes[item.CaseID]++
		}
	}
	out = make([][]stage.Prediction, len(lists))
	for _, item := range lists[0] {
		if votes[item.CaseID] < len(lists) {
			continue
		}
		for m := range lists {
			out[m] = append(out[m], at[m][item.CaseID])
		}
	}
	return out, len(votes) - len(out[0])
}
