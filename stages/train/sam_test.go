package train

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

// samReference is testdata/sam.json; sam.py says where it is from.
type samReference struct {
	Rate  float64
	Start []float32
	A     []float32
	Cases []struct {
		Name      string
		Rho       float64
		Adaptive  bool
		Optimizer string
		Want      []float64
	}
}

// samRows holds steps of SAM on f(w) = Σ a·w⁴/4 against the reference.
func samRows(t *testing.T) (rows []parity.Row) {
	t.Helper()
	var ref samReference
	parity.Read(t, "testdata/sam.json", &ref)
	inner := map[string]Optimizer{"sgd": SGD{Rate: ref.Rate, Momentum: 0.9}, "adam": Adam{Rate: ref.Rate, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}}
	for _, c := range ref.Cases {
		sam := SAM{Rho: c.Rho, Adaptive: c.Adaptive, Optimizer: registry.One[Optimizer]{Part: inner[c.Optimizer]}}
		worst := 0.0
		for i, got := range descendUphill(t, sam, ref) {
			worst = max(worst, math.Abs(got-c.Want[i])/max(1, math.Abs(c.Want[i])))
		}
		rows = append(rows, parity.Row{Part: "sam", Case: c.Name, Reference: "the paper's formula around torch.optim", Deviation: worst, Limit: 1e-6})
	}
	return rows
}

func descendUphill(t *testing.T, sam SAM, ref samReference) (weights []float64) {
	t.Helper()
	onEngine(t, func(s *torch.Scope) {
		store := torch.NewStore(s, 1)
		defer store.Free()
		p := store.Root(s).Parameter("w", torch.Constant(0), 4)
		s.Copy(p.Tensor, s.FromFloat32(ref.Start, 4))
		o := torch.NewOptimizer(s, sam.Rule())
		defer o.Free()
		gradient := func() error {
			s.ClearGrads([]torch.Tensor{p.Tensor})
			squares := s.Mul(p.Tensor, p.Tensor)
			s.Backward(s.Mean(s.Mul(s.FromFloat32(ref.A, 4), s.Mul(squares, squares)))) // a mean of four is the sum by four
			return s.Err()
		}
		for range 20 {
			updates := []torch.Update{{Parameter: p, Rate: ref.Rate}}
			if err := errors.Join(gradient(), sam.uphill(s, updates, gradient)); err != nil {
				t.Error(err)
			}
			o.Step(s, updates)
		}
		weights = s.Float64s(p.Tensor)
	})
	return weights
}

// resumableSAM is resumable with SAM around Adam, which wants one optimizer for all.
func resumableSAM(rho float64) Config {
	c := resumable()
	for i := range c.Phases {
		c.Phases[i].Optimizers = nil
	}
	if rho > 0 {
		c.Optimizer = registry.One[Optimizer]{Name: "sam", Part: SAM{Rho: rho, Optimizer: c.Optimizer}}
	}
	return c
}

// uphillSAM puts SAM around the optimizer.
func uphillSAM(c *Config) {
	c.Optimizer = registry.One[Optimizer]{Name: "sam", Part: SAM{Rho: 0.1, Optimizer: c.Optimizer}}
}

// TestSAMOfNoWayIsItsOptimizer: where the way uphill is too short to change a weight, the second pass must give
// the gradients of the first to the bit, and leave no trace: statistics of batch-norm, dropout, features, parts of
// batches, loss and accuracy are those of a training without SAM; also where layers are computed again.
func TestSAMOfNoWayIsItsOptimizer(t *testing.T) {
	t.Parallel()
	run := func(c Config) outcome {
		b := newBench(t)
		trained, err := Run(t.Context(), b.env, c, b.net, b.images, mixedRecipe, measure)
		if err != nil {
			t.Fatal(err)
		}
		return b.outcome(t, trained)
	}
	want := run(resumableSAM(0))
	run(resumableSAM(1e-40)).same(t, want)
	again := resumableSAM(1e-40)
	again.Compute.Recompute = true
	run(again).same(t, want)
	if far := run(resumableSAM(0.5)); distance(far.weights, want.weights) < 1e-2 {
		t.Error("a radius of 0.5 changes nothing")
	}
}

// TestInterruptedSAMGoesOnBitForBit cuts it between steps.
func TestInterruptedSAMGoesOnBitForBit(t *testing.T) {
	t.Parallel()
	train := func(ctx context.Context, b bench) (Trained, error) {
		return Run(ctx, b.env, resumableSAM(0.1), b.net, b.images, mixedRecipe, measure)
	}
	whole := newBench(t)
	trained, err := train(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := interrupted(t, benchIn, train)
	got.same(t, whole.outcome(t, trained))
}

// TestSAMOfParts: the way uphill is by the gradient of the whole batch, also of one computed in parts, whose
// loss is scaled as float16 wants it.
func TestSAMOfParts(t *testing.T) {
	t.Parallel()
	run := func(parts int, scaled bool) (before, after map[string]safetensors.Tensor) {
		b := newBench(t).withoutDropout(t)
		before = b.weights(t)
		cfg := withSGD(config(0, phase("head", 2, "head")), 0.1)
		cfg.Optimizer = registry.One[Optimizer]{Name: "sam", Part: SAM{Rho: 0.5, Optimizer: cfg.Optimizer}}
		cfg.Accumulate = registry.Count(parts)
		tr := &trainer{env: b.env, cfg: cfg, net: b.net, images: b.images, measure: measure, scales: scaled}
		if _, err := tr.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		return before, b.weights(t)
	}
	before, whole := run(1, false)
	for _, c := range []struct {
		parts  int
		scaled bool
	}{{3, false}, {1, true}, {3, true}} {
		_, got := run(c.parts, c.scaled)
		if moved, apart := distance(before, whole), distance(whole, got); moved < 1e-2 || !(apart <= 1e-6*moved) {
			t.Errorf("%+v: moved by %g, ends %g away", c, moved, apart)
		}
	}
}

// TestAveragesThatExcludeEachOther and optimizers that cannot hold each other.
func TestAveragesThatExcludeEachOther(t *testing.T) {
	t.Parallel()
	one := func(name string, part Optimizer) registry.One[Optimizer] {
		return registry.One[Optimizer]{Name: name, Part: part}
	}
	sam, free := SAM{Rho: 1, Optimizer: one("adam", Adam{Rate: 1})}, ScheduleFree{Rate: 1, Beta1: 0.9}
	for want, c := range map[string]Config{
		"both averages":                  {EMA: &EMA{}, SWA: &SWA{}, Optimizer: one("adam", Adam{})},
		"averages the weights itself":    {SWA: &SWA{}, Optimizer: one("schedule_free", free)},
		"which its state does not":       {Optimizer: one("sam", SAM{Optimizer: one("schedule_free", free)}), Phases: []Phase{{Name: "a", OptimizerState: "kept"}}},
		"no group has an optimizer":      {Optimizer: one("adam", Adam{}), Phases: []Phase{{Name: "a", Optimizers: map[string]registry.One[Optimizer]{"head": one("sam", sam)}}}},
		"remove optimizers, or take ano": {Optimizer: one("sam", sam), Phases: []Phase{{Name: "a", Optimizers: map[string]registry.One[Optimizer]{"head": one("adam", Adam{})}}}},
	} {
		c.Batch = 8
		if len(c.Phases) == 0 {
			c.Phases = []Phase{{Name: "a"}}
		}
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for want, o := range map[string]interface{ Validate() error }{
		"another sam":       SAM{Optimizer: one("sam", sam)},
		"sam: {optimizer":   Lookahead{Optimizer: one("sam", sam)},
		"hold schedule_fre": Lookahead{Optimizer: one("schedule_free", free)},
	} {
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
