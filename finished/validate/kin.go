package validate

import (
	"context"
	"fmt"

	"vertebra/experiments"
	"vertebra/finished"
)

// KinFact is the name of the fact of a validation that is the same where the nets that were asked
// are those of one experiment, with whatever seed and fold.
const KinFact = "experiment of the nets"

// kin names the experiment that nets come of, whatever its seed, name and purpose, and of single
// folds whichever fold it is. An ensemble is named by its own, and by those of its members.
func kin(ctx context.Context, run finished.Run) (string, error) {
	if finished.IsEnsemble(run) {
		return kinOfMembers(ctx, run)
	}
	e, err := experiments.Stored(run.Experiment())
	if err != nil {
		return "", fmt.Errorf("run %s: %w", run.ID(), err)
	}
	if e.Data.Split.Fold > 0 {
		e.Data.Split.Fold = 1
	}
	e.Sweep = nil
	return experiments.Family(string(experiments.Resolved(e)))
}

func kinOfMembers(ctx context.Context, run finished.Run) (string, error) {
	e, err := experiments.StoredEnsemble(run.Experiment())
	if err != nil {
		return "", fmt.Errorf("run %s: %w", run.ID(), err)
	}
	for i, id := range e.Ensemble.Runs {
		if e.Ensemble.Weights[i] == 0 {
			continue // nobody asks it, and it may be gone
		}
		member, err := run.Member(ctx, id)
		if err != nil {
			return "", err
		}
		if e.Ensemble.Runs[i], err = kin(ctx, member); err != nil {
			return "", err
		}
	}
	return experiments.Family(string(e.Resolved()))
}
