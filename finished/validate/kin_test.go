package validate

import (
	"os"
	"testing"

	"vertebra/experiments"
	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/registry"
)

// TestKin: runs of single folds and other seeds are of one experiment, those of all folds and with
// other settings are not.
func TestKin(t *testing.T) {
	t.Parallel()
	base, err := os.ReadFile("../../experiments/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	e, err := experiments.Stored(string(base))
	if err != nil {
		t.Fatal(err)
	}
	e.Train.Monitor = "train.loss"
	of := func(name string, seed uint64, fold, batch int) string {
		e.Name, e.Seed, e.Data.Split.Folds, e.Data.Split.Fold, e.Train.Batch = name, seed, 5, fold, registry.Count(batch)
		got, err := kin(t.Context(), finished.Stored{Record: &results.RunRecord{Experiment: string(experiments.Resolved(e))}})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	one := of("one", 1, 1, 8)
	for what, other := range map[string]string{"another fold": of("two", 1, 2, 8), "another seed": of("one", 2, 1, 8)} {
		if other != one {
			t.Errorf("%s is another experiment", what)
		}
	}
	for what, other := range map[string]string{"all folds": of("one", 1, 0, 8), "no fold": of("one", 1, -1, 8), "another batch": of("one", 1, 1, 9)} {
		if other == one {
			t.Errorf("with %s it is the same experiment", what)
		}
	}
}
