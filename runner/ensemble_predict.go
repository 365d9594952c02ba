package main

import (
	"context"
	"errors"
	"fmt"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// askMembers asks the nets of all members of an ensemble, each with its own
// preprocessing, folds, views and calibration, and blends what they say.
func (c predictCommand) askMembers(ctx context.Context, w world, console *console, record *results.RunRecord) (p predictor, items []stage.Prediction, err error) {
	e, err := experiments.StoredEnsemble(record.Experiment)
	if err != nil {
		return p, nil, err
	}
	if p, err = newPredictor(record); err != nil {
		return p, nil, err
	}
	p.e.Seed, p.e.Evaluate = e.Seed, e.Evaluate
	if err := c.fits(p); err != nil {
		return p, nil, err
	}
	if c.Fold != 0 {
		return p, nil, stage.Fault{Err: fmt.Errorf("--fold %d: run %s is an ensemble", c.Fold, record.ID), Hint: "ask one of its members, or leave --fold out"}
	}
	members, weights, err := c.openMembers(ctx, record, e.Ensemble)
	if err != nil {
		return p, nil, err
	}
	own := c
	own.Raw = e.Ensemble.Raw
	var said [][]stage.Prediction
	for i, m := range members {
		console.say("member %s, %d of %d", m.record.ID, i+1, len(members))
		if m, items, err = own.askNets(ctx, w, console, m); err != nil {
			return p, nil, fmt.Errorf("member %s: %w", m.record.ID, err)
		}
		said, p.samples = append(said, items), m.samples
	}
	said, left := commonCases(said)
	if left > 0 {
		console.say("warning: %d cases are left out, since not all members could predict them", left)
	}
	if len(said[0]) == 0 {
		return p, nil, stage.Fault{Err: errors.New("nothing could be predicted: there is no image that all members could use"), Hint: "the warnings say why"}
	}
	items = evaluate.Blend{By: e.Ensemble.By, Weights: weights}.Of(said)
	if !c.Raw {
		items, err = p.calibrated(items)
	}
	return p, items, err
}

// openMembers finds the members that count, and makes sure that all weights are there
// before any is asked.
func (c predictCommand) openMembers(ctx context.Context, record *results.RunRecord, of experiments.Blending) (members []predictor, weights []float64, err error) {
	err = c.use(ctx, func(db *results.DB) error {
		for i, id := range of.Runs {
			if of.Weights[i] == 0 {
				continue
			}
			member, err := db.Load(ctx, id)
			if err != nil || member.ID != id {
				return stage.Fault{Err: fmt.Errorf("ensemble %s asks run %s, which is not in this database", record.ID, id), Hint: "take a database that has all its members"}
			}
			m, err := c.open(member)
			if err != nil {
				return fmt.Errorf("member %s: %w", id, err)
			}
			for _, folder := range m.folders {
				if _, err := train.Weights(folder); err != nil {
					return stage.Fault{Err: fmt.Errorf("ensemble %s asks run %s, whose weights are gone: %w", record.ID, id, reason(err)), Hint: "the folders of checkpoints of all members must be where --runs says"}
				}
			}
			members, weights = append(members, m), append(weights, of.Weights[i])
		}
		return nil
	})
	return members, weights, err
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
