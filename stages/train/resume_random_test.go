package train

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"vertebra/stages/augment"
	"vertebra/stages/registry"
)

var resumes = flag.Int("resumes", 4, "random trainings that are interrupted and compared with uncut ones")

// dice takes one of several at random.
func dice[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func randomPhase(r *rand.Rand, n int) Phase {
	p := phase(fmt.Sprint("p", n), 1+r.IntN(4), dice(r, "head", "all", "blocks.1"))
	if p.Train[0] != "all" {
		p.Unfreeze = dice(r, nil, &Unfreeze{Every: 1, Layers: 1})
	}
	p.Schedule = dice(r,
		registry.One[Schedule]{Name: "constant", Part: Constant{}},
		registry.One[Schedule]{Name: "cosine", Part: Cosine{Cycles: 1, Growth: 1, Pace: perStep}},
		registry.One[Schedule]{Name: "plateau_pytorch", Part: PlateauPyTorch{Factor: 0.5, Threshold: 0.2, ThresholdMode: "relative"}})
	p.Keep, p.From, p.Views = dice(r, "best", "last"), dice(r, "best", "last"), r.IntN(3)
	p.BatchNorm, p.Stop = dice(r, "auto", "frozen", "training"), dice(r, nil, &Stop{Patience: 1}, &Stop{Patience: 2})
	p.OptimizerState = dice(r, "fresh", "kept")
	return p
}

func randomTraining(r *rand.Rand) (Config, augment.Config) {
	adam := registry.One[Optimizer]{Name: "adam", Part: Adam{Rate: 1e-2, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}}
	cfg := config(1e-2)
	for n := range 1 + r.IntN(3) {
		cfg.Phases = append(cfg.Phases, randomPhase(r, n))
	}
	cfg.Optimizer = dice(r, adam,
		registry.One[Optimizer]{Name: "sgd", Part: SGD{Rate: 3e-2, Momentum: 0.9, WeightDecay: 1e-3}},
		registry.One[Optimizer]{Name: "rmsprop", Part: RMSprop{Rate: 1e-3, Smoothing: 0.9, Eps: 1e-8, Momentum: 0.5, Centered: true}},
		registry.One[Optimizer]{Name: "lookahead", Part: Lookahead{Every: 3, Share: 0.5, Optimizer: adam}})
	cfg.Batch, cfg.Accumulate = dice(r, registry.Count(8), 7, 20), dice(r, registry.Count(1), 2, 3)
	cfg.Balance = Balance{ClassWeights: dice(r, "none", "balanced"), From: 1 + r.IntN(3), Sampling: dice(r, "none", "over", "under")}
	cfg.EMA = dice(r, nil, &EMA{Decay: 0.9}, &EMA{Decay: 0.9, WarmUp: true})
	cfg.Checkpoints = Checkpoints{Steps: r.IntN(4), Every: r.IntN(3), Best: 1 + r.IntN(3)}
	cfg.Features, cfg.Clip = DefaultFeatures, dice(r, Clip{}, Clip{Norm: 0.5}, Clip{Value: 0.1})
	return cfg, dice(r, nil, recipe, mixedRecipe)
}

// TestRandomTrainingsGoOnBitForBit interrupts trainings of random settings again and
// again: make test takes a few, -resumes more.
func TestRandomTrainingsGoOnBitForBit(t *testing.T) {
	t.Parallel()
	for seed, done := uint64(0), 0; done < *resumes; seed++ {
		r := rand.New(rand.NewPCG(seed, 1))
		cfg, seen := randomTraining(r)
		if cfg.Validate() != nil {
			continue
		}
		done++
		run := func(ctx context.Context, b bench) (Trained, error) {
			return Run(ctx, b.env, cfg, b.net, b.images, seen, measure)
		}
		b := newBench(t)
		trained, err := run(t.Context(), b)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		want := b.outcome(t, trained)
		got := cutOften(t, r, func(dir string) bench { return benchIn(t, dir) }, run)
		if got.same(t, want); t.Failed() {
			t.Fatalf("seed %d: %+v", seed, cfg)
		}
	}
}

// cutOften cancels after a few steps, or a few more: what is computed before the first
// step of a phase, such as features, has to get done.
func cutOften(t *testing.T, r *rand.Rand, benchIn func(dir string) bench, run func(context.Context, bench) (Trained, error)) outcome {
	t.Helper()
	dir, got := t.TempDir(), outcome{scalars: map[string]float64{}}
	for cuts := range 500 {
		b := benchIn(dir)
		ctx, cancel := context.WithCancel(t.Context())
		b.env.Resume = true
		b.env.Recorder = &stopping{memory: b.seen, left: 2 + r.IntN(12+30*(cuts%2)), cancel: cancel}
		trained, err := run(ctx, b)
		cancel()
		got.keep(b.seen.records)
		if err == nil {
			got.trained, got.weights, got.files = trained, b.weights(t), checkpointFiles(t, b.env.RunDir)
			return got
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	t.Fatal("it never ends")
	return got
}
