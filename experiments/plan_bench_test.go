package experiments

import (
	"os"
	"testing"
	"time"

	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// BenchmarkPlan plans the demo over 2,000 studies with 50,000 labelled points on
// a warm cache; make bench-check. The data set is made where
// VERTEBRA_BENCH_DATA says, 66,000 files of 1 GB, and found there again.
func BenchmarkPlan(b *testing.B) {
	dir := os.Getenv("VERTEBRA_BENCH_DATA")
	if dir == "" {
		b.Skip("VERTEBRA_BENCH_DATA names no folder for the data set")
	}
	if _, err := synth.Write(b.Context(), dir, synth.Options{Seed: 42, Studies: 2000, Size: 64}); err != nil {
		b.Fatal(err)
	}
	cache := b.TempDir()
	plan := func() Plan {
		e, _, err := Load("demo.yaml", []string{"data.source.rsna.root=" + dir})
		if err != nil {
			b.Fatal(err)
		}
		env := stage.Env{Now: time.Now, Recorder: stage.Discard, Cache: cache, Workers: 2, Seed: e.Seed}
		p, err := MakePlan(b.Context(), env, e)
		if err != nil {
			b.Fatal(err)
		}
		return p
	}
	if n := plan().Data.Splits[0].Cases; n < 30_000 {
		b.Fatalf("%d training cases", n)
	}
	for b.Loop() {
		plan()
	}
}
