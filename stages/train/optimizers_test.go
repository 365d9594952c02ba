package train

import (
	"flag"
	"math"
	"strings"
	"testing"

	"vertebra/stages/internal/parity"
	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

var update = flag.Bool("update", false, "write the generated files again")

const parityPage = "../../docs/parity.md"

// optimizerReference is testdata/optimizers.json of stages/internal/torch.
type optimizerReference struct {
	Rate  float64
	Start []float32
	Grads [][]float32
	Cases []struct {
		Name  string
		Rule  torch.Rule
		Decay float64
		Want  []float64
	}
}

// partOf writes a rule as an experiment would.
func partOf(r torch.Rule, rate, decay float64) (name string, part Optimizer) {
	if every := r.Lookahead; every.Every > 0 {
		r.Lookahead = torch.Lookahead{}
		name, inner := partOf(r, rate, decay)
		return "lookahead", Lookahead{Every: every.Every, Share: every.Share, Optimizer: registry.One[Optimizer]{Name: name, Part: inner}}
	}
	switch r.Kind {
	case torch.RuleAdam:
		added := "after_correction"
		if r.EpsBeforeCorrection {
			added = "before_correction"
		}
		return "adam", Adam{Rate: rate, Beta1: r.Beta1, Beta2: r.Beta2, Eps: r.Eps, EpsAdded: added, WeightDecay: decay}
	case torch.RuleAdamW:
		return "adamw", AdamW{Rate: rate, Beta1: r.Beta1, Beta2: r.Beta2, Eps: r.Eps, WeightDecay: decay}
	case torch.RuleSGD:
		return "sgd", SGD{Rate: rate, Momentum: r.Momentum, Dampening: r.Dampening, Nesterov: r.Nesterov, WeightDecay: decay}
	case torch.RuleRMSprop:
		return "rmsprop", RMSprop{Rate: rate, Smoothing: r.Beta2, Eps: r.Eps, Momentum: r.Momentum, Centered: r.Centered, WeightDecay: decay}
	case torch.RuleRAdam:
		return "radam", RAdam{Rate: rate, Beta1: r.Beta1, Beta2: r.Beta2, Eps: r.Eps, WeightDecay: decay}
	case torch.RuleLion:
		return "lion", Lion{Rate: rate, Beta1: r.Beta1, Beta2: r.Beta2, WeightDecay: decay}
	case torch.RuleNAdam:
		how := "coupled"
		if r.Decoupled {
			how = "decoupled"
		}
		return "nadam", NAdam{Rate: rate, Beta1: r.Beta1, Beta2: r.Beta2, Eps: r.Eps, MomentumDecay: r.MomentumDecay, WeightDecay: decay, Decay: how}
	case torch.RuleScheduleFree:
		return "schedule_free", ScheduleFree{Rate: rate, Beta1: r.Beta1, Beta2: r.Beta2, Eps: r.Eps, WeightDecay: decay}
	case torch.RuleLAMB:
		return "lamb", LAMB{Rate: rate, Beta1: r.Beta1, Beta2: r.Beta2, Eps: r.Eps, WeightDecay: decay, AlwaysAdapt: r.AlwaysAdapt}
	}
	return "", nil
}

// optimizerSource names what optimizers.py computes a case with.
func optimizerSource(part, name string) string {
	switch {
	case strings.Contains(name, "Keras"):
		return "keras.optimizers.Adam"
	case part == "lion":
		return "timm Lion"
	case part == "schedule_free":
		return "schedulefree AdamWScheduleFree, at x"
	case part == "lamb":
		return "timm Lamb"
	case part == "lookahead":
		return "algorithm 1 of the paper around torch.optim"
	}
	return "torch.optim"
}

// TestParityOfOptimizersIsFresh makes 20 steps with each part.
func TestParityOfOptimizersIsFresh(t *testing.T) {
	var ref optimizerReference
	parity.Read(t, "../internal/torch/testdata/optimizers.json", &ref)
	seen, rows := map[string]bool{}, []parity.Row{}
	for _, c := range ref.Cases {
		name, part := partOf(c.Rule, ref.Rate, c.Decay)
		if part == nil || part.Rule() != c.Rule {
			t.Fatalf("%s: no part has the rule %+v", c.Name, c.Rule)
		}
		seen[name] = true
		worst := 0.0
		for i, got := range descend(t, part, ref) {
			worst = max(worst, math.Abs(got-c.Want[i])/max(1, math.Abs(c.Want[i])))
		}
		rows = append(rows, parity.Row{Part: name, Case: c.Name, Reference: optimizerSource(name, c.Name), Deviation: worst, Limit: 1e-6})
	}
	for _, row := range samRows(t) {
		seen[row.Part], rows = true, append(rows, row)
	}
	parity.Hold(t, parityPage, "optimizers", rows, *update)
	for _, name := range Optimizers.Names() {
		if !seen[name] {
			t.Errorf("no reference for %s", name)
		}
	}
}

// descend makes a step for each gradient of the reference, and gives the weights.
func descend(t *testing.T, part Optimizer, ref optimizerReference) (weights []float64) {
	t.Helper()
	rate, decay := part.Settings()
	n := int64(len(ref.Start))
	onEngine(t, func(s *torch.Scope) {
		store := torch.NewStore(s, 1)
		defer store.Free()
		p := store.Root(s).Parameter("w", torch.Constant(0), n)
		s.Copy(p.Tensor, s.FromFloat32(ref.Start, n))
		o := torch.NewOptimizer(s, part.Rule())
		defer o.Free()
		for _, grad := range ref.Grads {
			scaled := make([]float32, n) // the mean below divides by a power of two
			for i, g := range grad {
				scaled[i] = g * float32(n)
			}
			s.ClearGrads([]torch.Tensor{p.Tensor})
			s.Backward(s.Mean(s.Mul(p.Tensor, s.FromFloat32(scaled, n))))
			o.Step(s, []torch.Update{{Parameter: p, Rate: rate, WeightDecay: decay}})
		}
		weights = s.Float64s(p.Tensor)
		if x := o.Averaged(s, p); x.Valid() {
			weights = s.Float64s(x)
		}
		if s.Err() != nil {
			t.Error(s.Err())
		}
	})
	return weights
}
