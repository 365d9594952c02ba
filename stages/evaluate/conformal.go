package evaluate

import (
	"fmt"
	"math"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// ConformalMethod says how badly each class of a case agrees with the probabilities. The
// prediction set of a case are the classes whose score is at most a threshold, which split
// conformal prediction finds among the scores of true classes (Papadopoulos et al. 2002;
// Angelopoulos and Bates 2023, "Conformal prediction: a gentle introduction").
type ConformalMethod interface {
	// Scores gives the score of each class, at most 1 but for penalties. u is drawn evenly
	// from 0 to 1 for the case, for methods that decide ties of a set by chance.
	Scores(probabilities []float64, u float64) []float64
	// Rule says for other programs what the score of a class is.
	Rule() string
}

// Contiguous is a ConformalMethod whose sets leave no class out between two others.
type Contiguous interface {
	ConformalMethod
	// Contiguous does nothing.
	Contiguous()
}

// ConformalMethods are the parts.
var ConformalMethods = registry.New[ConformalMethod]("conformal method")

// Conformal asks for prediction sets: with each case the classes that it may be of.
type Conformal struct {
	Coverage     float64                       `help:"share of cases whose set shall hold the true class" min:"0.5" under:"1"`
	Method       registry.One[ConformalMethod] `help:"which classes come into a set first"`
	Guarantee    string                        `help:"whose coverage it is: that of all cases together (marginal), in which a rare class may be left out of most sets, or that of the cases of each class (class_conditional, also called Mondrian)" oneof:"marginal class_conditional"`
	Exchangeable string                        `help:"what new data resembles: whole groups, which are studies or patients, each counted once however many cases it has (Lee, Barber and Willett 2023), or single cases, as if none of a patient resembled another" oneof:"groups cases"`
}

// Defaults is what an empty section means.
func (Conformal) Defaults() Conformal {
	return Conformal{Coverage: 0.9, Method: registry.One[ConformalMethod]{Name: "lac"}, Guarantee: "marginal", Exchangeable: "groups"}
}

// Words says what is asked, for a plan.
func (c Conformal) Words() string {
	of := "all cases together"
	if c.conditional() {
		of = "each class"
	}
	return fmt.Sprintf("%s, coverage %g of %s, by thresholds from validation %s", c.Method.Name, c.Coverage, of, c.Exchangeable)
}

// least is how many units of calibration a threshold needs: with fewer, sets have to hold
// every class.
func (c Conformal) least() int {
	return int(math.Ceil(c.Coverage/(1-c.Coverage) - offBy))
}

// offBy is what products such as 100·0.9 may be off by.
const offBy = 1e-9

// setsFit asks for validation cases enough that sets need not hold every class.
func (cfg Config) setsFit(asked stage.Questions, cases []stage.Case) registry.Problems {
	if cfg.Sets == nil {
		return nil
	}
	c := *cfg.Sets
	if part, wants := c.Method.Part.(interface{ Fits([]string) error }); wants {
		if p, bad := refusal(part.Fits(mostClasses(asked))); bad {
			p.Path = "sets.method." + c.Method.Name
			return registry.Problems{p}
		}
	}
	var p Predictions
	n := math.MaxInt
	for _, of := range validating(cases) { // folds that test in turn have thresholds of their own
		q, err := cfg.prepare(asked.Classes, undecided(asked, of, stage.Validation))
		if err != nil {
			return registry.Problems{{Path: "sets", Text: "there are no validation cases to find thresholds on", Hint: "give data.split.validation a share, or leave sets out"}}
		}
		if k := (Intervals{Draw: c.Exchangeable}).clusters(q).Len(); k < n {
			n, p = k, q
		}
	}
	if n >= c.least() {
		return nil
	}
	hint := fmt.Sprintf("ask for at most %.2g, or give validation more", math.Floor(100*float64(n)/float64(n+1))/100)
	if c.Exchangeable == "groups" && len(p.Items) >= c.least() {
		hint += "; exchangeable: cases counts each case, as if none of a group resembled another"
	}
	return registry.Problems{{Path: "sets.coverage", Hint: hint,
		Text: fmt.Sprintf("%d validation %s are too few for a coverage of %g, which needs %d: every set would hold every class", n, c.Exchangeable, c.Coverage, c.least())}}
}

// mostClasses are those of the target with the most: what has no effect on fewer may have one
// on these.
func mostClasses(asked stage.Questions) (names []string) {
	for target := range asked.Count() {
		if of := asked.Names(target); len(of) > len(names) {
			names = of
		}
	}
	return names
}

// validating gives the cases of all folds to the validation split: each is validated once. Where
// folds test in turn, it gives the cases as each fold sees them.
func validating(cases []stage.Case) (lists [][]stage.Case) {
	for fold := range turnsOf(cases) {
		lists = append(lists, stage.InFold(cases, fold+1))
	}
	if lists != nil {
		return lists
	}
	out := slices.Clone(cases)
	for i, c := range out {
		if c.Fold > 0 && c.Split != stage.Test {
			out[i].Split = stage.Validation
		}
	}
	return [][]stage.Case{out}
}

// turnsOf is how many folds take turns as test set; 0 where none does.
func turnsOf(cases []stage.Case) int {
	for _, c := range cases {
		if c.Turns != nil {
			return len(c.Turns)
		}
	}
	return 0
}
