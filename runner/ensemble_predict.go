package main

import (
	"context"
	"errors"
	"fmt"

	"vertebra/experiments"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// askMembers asks the nets of all members of an ensemble, each with its own
// preprocessing, folds, views and calibration, and blends what they say. see is shown the
// images of the first.
func (c predictCommand) askMembers(ctx context.Context, w world, to audience, run trained, see sight) (p predictor, items []stage.Prediction, err error) {
	e, err := experiments.StoredEnsemble(run.Experiment())
	if err != nil {
		return p, nil, err
	}
	if p, err = newPredictor(run); err != nil {
		return p, nil, err
	}
	p.e.Seed, p.e.Evaluate = e.Seed, e.Evaluate
	if err := c.fits(p); err != nil {
		return p, nil, err
	}
	if c.Fold != 0 {
		return p, nil, stage.Fault{Err: fmt.Errorf("--fold %d: run %s is an ensemble", c.Fold, run.ID()), Hint: "ask one of its members, or leave --fold out"}
	}
	if c.Features != "" {
		return p, nil, stage.Fault{Err: fmt.Errorf("--features: run %s is an ensemble, whose nets see other things each", run.ID()), Hint: "ask its members one by one"}
	}
	members, weights, err := openMembers(ctx, run, e.Ensemble)
	if err != nil {
		return p, nil, err
	}
	own := c
	own.Raw = e.Ensemble.Raw
	var said [][]stage.Prediction
	var rare []*rarity
	for i, m := range members {
		if m.see = see; i > 0 { // what is told once of the images
			m.see, own.audit = nil, false
		}
		if text := m.noRarity(); text != "" {
			to.warn("%s", text)
		}
		to.say("member %s, %d of %d", m.run.ID(), i+1, len(members))
		if m, items, err = own.askNets(ctx, w, to, m); err != nil {
			return p, nil, fmt.Errorf("member %s: %w", m.run.ID(), err)
		}
		said, rare, p.samples, p.cases = append(said, items), append(rare, m.rarity), m.samples, m.cases
	}
	said, left := commonCases(said)
	if left > 0 {
		to.warn("%d cases are left out, since not all members could predict them", left)
	}
	if len(said[0]) == 0 {
		return p, nil, stage.Fault{Err: errors.New("nothing could be predicted: there is no image that all members could use"), Hint: "the warnings say why"}
	}
	p.rarity = meanRarity(rare)
	p.tellOutliers(to, said[0])
	items = evaluate.Blend{By: e.Ensemble.By, Weights: weights}.Of(said)
	if !c.Raw {
		items, err = p.calibrated(items)
	}
	return p, items, err
}

// openMembers finds the members that count, and makes sure that all weights are there
// before any is asked.
func openMembers(ctx context.Context, run trained, of experiments.Blending) (members []predictor, weights []float64, err error) {
	for i, id := range of.Runs {
		if of.Weights[i] == 0 {
			continue
		}
		member, err := run.Member(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		m, err := open(member, 0)
		if err != nil {
			return nil, nil, fmt.Errorf("member %s: %w", id, err)
		}
		for _, net := range m.nets {
			if _, err := net.Find(); err != nil {
				return nil, nil, stage.Fault{Err: fmt.Errorf("ensemble %s asks run %s, whose weights are gone: %w", run.ID(), id, reason(err)), Hint: "the folders of checkpoints of all members must be where --runs says"}
			}
		}
		members, weights = append(members, m), append(weights, of.Weights[i])
	}
	return members, weights, nil
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
