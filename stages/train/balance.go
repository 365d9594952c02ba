package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Balance says how unequal class counts are met: by weights in the loss, by how
// often cases are seen, or not at all.
type Balance struct {
	ClassWeights string             `help:"none; balanced: n/(K·n_c) as scikit-learn does; effective: by the effective number of cases (Cui et al. 2019); given: what weights says" oneof:"none balanced effective given"`
	Beta         float64            `help:"with effective: 0 weighs all classes alike, near 1 by the inverse of their number of cases" min:"0" under:"1" when:"class_weights=effective"`
	Weights      map[string]float64 `help:"with given: weight of a class by its name; a class that is not named has 1" min:"0"`
	From         int                `help:"first epoch of the run in which the weights count: deferred re-weighting (Cao et al. 2019)" min:"1" when:"class_weights=balanced,effective,given"`
	Targets      map[string]float64 `help:"where a net answers several targets: what each answer of a target weighs in the loss, by the target's name, times the weight of its class; a target that is not named has 1" min:"0"`
	Sampling     string             `help:"cases of each class in an epoch, where a sample of several answers counts as the worst, or as the rarest where targets have classes of their own: none: all, once; over: as many as of the largest class; under: as many as of the smallest; repeat: what repeat says" oneof:"none over under repeat"`
	Repeat       map[string]float64 `help:"with repeat: how often a case of a class is seen in an epoch, by the class's name; a class that is not named, once. Of several answers one of a class that is named counts" min:"0"`
}

// DefaultBalance leaves the classes as they are.
var DefaultBalance = Balance{ClassWeights: "none", Beta: 0.999, From: 1, Sampling: "none"}

// Validate wants settings where they have an effect.
func (b Balance) Validate() error {
	switch {
	case len(b.Weights) > 0 && b.ClassWeights != "given":
		return errors.New("weights count with class_weights: given only")
	case len(b.Repeat) > 0 && b.Sampling != "repeat":
		return errors.New("repeat counts with sampling: repeat only")
	}
	return nil
}

// fits wants names of classes and of targets that there are, and one that counts.
func (b Balance) fits(asked stage.Questions) (problems []registry.FieldProblem) {
	for setting, named := range map[string]map[string]float64{"weights": b.Weights, "repeat": b.Repeat, "targets": b.Targets} {
		what, plural, names := "class", "classes", asked.Classes
		if setting == "targets" {
			what, plural, names = "target", "targets", asked.Targets
		}
		for name := range named {
			if !slices.Contains(names, name) {
				problems = append(problems, registry.FieldProblem{
					Path: "balance." + setting + "." + name, Text: fmt.Sprintf("there is no %s %q", what, name), Hint: registry.Suggest(name, names),
				})
			}
		}
		if len(named) > 0 && len(names) > 0 && slices.Max(byName(named, names)) == 0 {
			problems = append(problems, registry.FieldProblem{Path: "balance." + setting, Text: "all " + plural + " have 0: nothing would be learned", Hint: "give one of them more"})
		}
	}
	slices.SortFunc(problems, func(a, b registry.FieldProblem) int { return strings.Compare(a.Path, b.Path) })
	return problems
}

// weightsOf gives the weight of each class in an epoch of the run, from 1, or nil
// where all are alike.
func (b Balance) weightsOf(classes []string, counts []int, epoch int) []float64 {
	if epoch < b.From {
		return nil
	}
	switch b.ClassWeights {
	case "balanced":
		return balancedWeights(counts)
	case "effective":
		return effectiveWeights(counts, b.Beta)
	case "given":
		return byName(b.Weights, classes)
	}
	return nil
}

// ofTarget is what each answer of a target weighs.
func (b Balance) ofTarget(asked stage.Questions, target int) float64 {
	if len(b.Targets) == 0 {
		return 1
	}
	return byName(b.Targets, asked.Targets)[target]
}

// byName puts numbers into the order of names; 1 for one that is not named.
func byName(named map[string]float64, names []string) []float64 {
	out := make([]float64, len(names))
	for i, name := range names {
		out[i] = 1
		if v, ok := named[name]; ok {
			out[i] = v
		}
	}
	return out
}

// balancedWeights are n/(K·n_c), scikit-learn's compute_class_weight "balanced";
// K counts the classes that have cases. One without cases has weight 0: it cannot
// occur in a batch.
func balancedWeights(counts []int) []float64 {
	n, present := 0, 0
	for _, c := range counts {
		if n += c; c > 0 {
			present++
		}
	}
	out := make([]float64, len(counts))
	for i, c := range counts {
		if c > 0 {
			out[i] = float64(n) / float64(present*c)
		}
	}
	return out
}

// effectiveWeights are (1 − β)/(1 − β^n_c) (Cui et al. 2019, equation 10), scaled
// so that those of the classes that have cases add up to their number, as the
// authors' code does.
func effectiveWeights(counts []int, beta float64) []float64 {
	out, sum, present := make([]float64, len(counts)), 0.0, 0.0
	for i, c := range counts {
		if c > 0 {
			out[i] = (1 - beta) / (1 - math.Pow(beta, float64(c)))
			sum += out[i]
			present++
		}
	}
	for i := range out {
		out[i] *= present / max(sum, math.SmallestNonzeroFloat64)
	}
	return out
}
