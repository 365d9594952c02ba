package finished

import (
	"context"
	"fmt"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/stage"
)

// IsEnsemble says whether a run blends others, and has no nets of its own.
func IsEnsemble(run Noted) bool { return run.Fact(results.EnsembleFact) != "" }

// OpenAsked opens the runs whose nets are asked: the run alone, or the members of an ensemble that count.
func OpenAsked(ctx context.Context, run Run) ([]Opened, error) {
	if !IsEnsemble(run) {
		o, err := Open(run, 0)
		return []Opened{o}, err
	}
	e, err := experiments.StoredEnsemble(run.Experiment())
	if err != nil {
		return nil, err
	}
	members, _, err := Members(ctx, run, e.Ensemble)
	return members, err
}

// Members opens the members of an ensemble that count, with the weight of each, and makes sure that
// all weights of their nets are there before any is asked.
func Members(ctx context.Context, run Run, of experiments.Blending) (members []Opened, weights []float64, err error) {
	for i, id := range of.Runs {
		if of.Weights[i] == 0 {
			continue
		}
		member, err := run.Member(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		m, err := Open(member, 0)
		if err != nil {
			return nil, nil, fmt.Errorf("member %s: %w", id, err)
		}
		for _, net := range m.Nets {
			if _, err := net.Find(); err != nil {
				return nil, nil, stage.Fault{Err: fmt.Errorf("ensemble %s asks run %s, whose weights are gone: %w", run.ID(), id, stage.WithoutHint(err)), Hint: "the folders of checkpoints of all members must be where --runs says"}
			}
		}
		members, weights = append(members, m), append(weights, of.Weights[i])
	}
	return members, weights, nil
}
