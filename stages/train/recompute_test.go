package train

import (
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// TestRecomputedTrainingIsTheSame: a whole training ends with the same bits where layers are
// computed again: frozen and thawed layers, features, dropout, parts of batches, averages of
// weights, mixed labels.
func TestRecomputedTrainingIsTheSame(t *testing.T) {
	t.Parallel()
	want := uncut(t)
	b := newBench(t)
	cfg := resumable()
	cfg.Compute.Recompute = true
	trained, err := Run(t.Context(), b.env, cfg, b.net, b.images, mixedRecipe, measure)
	if err != nil {
		t.Fatal(err)
	}
	b.outcome(t, trained).same(t, want)
	told := false
	for _, r := range b.seen.records {
		fact, is := r.(stage.Fact)
		told = told || is && fact.Name == "recomputation" && !strings.HasPrefix(fact.Value, "0 of")
	}
	if !told {
		t.Error("nothing is recorded of it")
	}
}
