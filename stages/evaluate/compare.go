package evaluate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// Comparison holds every contender but the first against the first, over the
// cases that all runs predicted.
type Comparison struct {
	Split         stage.Split
	Cases, Groups int
	Level         float64
	Draw          string // "groups" or "cases"
	Remarks       []Remark
	Pairs         []Pair
}

// Pair is contender B against A, the first.
type Pair struct {
	A, B string
	// Primary decides, and was chosen before; its p is corrected for the number of
	// pairs. It is one of All as well.
	Primary Difference
	// Margin says whether B is worse by as much as would matter, where Question.Margin asks.
	Margin Margin
	// All are all numbers; p of the others is corrected for their number and pairs.
	All   []Difference
	Flips Flips
}

// Difference is what is known of one number of B less that of A.
type Difference struct {
	Scalar stage.Scalar // name, title, unit, direction
	A, B   float64      // means over the seeds
	// SpreadA and SpreadB are the standard deviations over the seeds, NaN with one.
	SpreadA, SpreadB float64
	stage.Estimate
	P, Corrected float64
	// Detectable is the true difference that would be found in 80 of 100 such
	// comparisons, before any correction.
	Detectable float64
	Verdict    string // "better", "worse", "indistinguishable", "" where a number does not exist; of a number that does not decide also "better before correction"
	Pairs      int    // that Corrected allows for
	level      float64
	drawn      statistics.Sample
}

// Question is what to compare by.
type Question struct {
	Split     stage.Split
	Primary   string  // the scalar that decides, such as macro_f1
	Margin    float64 // how much worse by it would matter, in its unit; 0 does not ask
	Metrics   Config  // its Metrics and Intervals are used
	Contender []Contender
}

// Compare answers by a paired bootstrap (Efron and Tibshirani 1993, chapter 16):
// the same studies or patients are drawn for both, so that what makes a case
// hard for everybody does not blur the difference. Runs of one contender are
// averaged, and the spread between their seeds is added; see
// statistics.Difference. "Better" is said when p, corrected by
// statistics.Joint, is below 1 − level.
func Compare(ctx context.Context, env stage.Env, q Question) (Comparison, error) {
	i := q.Metrics.Intervals.ofDifferences()
	c := Comparison{Split: q.Split, Level: i.Level, Draw: i.Draw}
	a, err := q.Metrics.align(q.Split, q.Contender)
	if err != nil {
		return c, err
	}
	c.Remarks = a.remarks
	first := a.runs[0][0]
	plan := i.plan(env, fmt.Sprintf("compare %s", q.Split), first)
	c.Cases, c.Groups = len(first.Items), plan.Clusters.Len()
	if i.Resamples < 1 || c.Groups < leastGroups {
		return c, stage.Fault{Err: fmt.Errorf("%d %s drawn %d times cannot tell anything apart (%d cases are common to all runs)", c.Groups, i.Draw, i.Resamples, c.Cases),
			Hint: fmt.Sprintf("compare runs of one split that have at least %d %s in common; another seed may be another split; --split validation compares other cases", leastGroups, i.Draw)}
	}
	arms, scalars, err := measureArms(ctx, plan, i, newSheet(parts(q.Metrics), first).metrics, a)
	if err != nil {
		return c, err
	}
	primary := slices.IndexFunc(scalars, func(s stage.Scalar) bool { return s.Name == q.Primary })
	if primary < 0 {
		return c, stage.Fault{Err: fmt.Errorf("no metric gives %q on these cases", q.Primary), Hint: suggestScalar(q.Primary, scalars)}
	}
	for b := 1; b < len(q.Contender); b++ {
		pair := Pair{A: q.Contender[0].Name, B: q.Contender[b].Name, Flips: flips(a.runs[0], a.runs[b])}
		for at, scalar := range scalars {
			pair.All = append(pair.All, difference(scalar, arms[0][at], arms[b][at], plan, i.Level))
		}
		c.Pairs = append(c.Pairs, pair)
	}
	c.correct(primary)
	if err := c.judgeMargin(q.Margin); err != nil {
		return c, err
	}
	for _, pair := range c.Pairs { // what decides comes first
		deciding := pair.All[primary]
		copy(pair.All[1:primary+1], pair.All[:primary])
		pair.All[0] = deciding
	}
	return c, nil
}

// suggestScalar names the numbers that there are.
func suggestScalar(name string, scalars []stage.Scalar) string {
	var names []string
	for _, s := range scalars {
		names = append(names, s.Name)
	}
	return registry.Suggest(name, names)
}

// measureArms gives an arm for each contender and number: [contender][number].
func measureArms(ctx context.Context, plan statistics.Plan, i Intervals, metrics []registry.One[Metric], a aligned) ([][]statistics.Arm, []stage.Scalar, error) {
	scalars := sheet{a.runs[0][0], metrics}.names()
	if len(scalars) == 0 {
		return nil, nil, errors.New("no metric gives a number on these cases")
	}
	arms := make([][]statistics.Arm, len(a.runs))
	for c, runs := range a.runs {
		arms[c] = make([]statistics.Arm, len(scalars))
		for _, p := range runs {
			samples, err := i.draws(ctx, plan, sheet{p, metrics}.clustered(plan.Clusters))
			if err != nil {
				return nil, nil, err
			}
			for at, s := range samples {
				arm := &arms[c][at]
				arm.Values = append(arm.Values, s.Value)
				arm.Replicates = append(arm.Replicates, s.Replicates)
			}
		}
	}
	return arms, scalars, nil
}

func difference(scalar stage.Scalar, a, b statistics.Arm, plan statistics.Plan, level float64) Difference {
	s := statistics.Difference(a, b, plan.Clusters.Len(), plan.Seed)
	low, high := s.Interval(level)
	return Difference{
		Scalar: scalar, A: statistics.Mean(a.Values), B: statistics.Mean(b.Values),
		SpreadA: statistics.StandardDeviation(a.Values), SpreadB: statistics.StandardDeviation(b.Values),
		Estimate: stage.Estimate{Value: s.Value, Low: low, High: high},
		P:        s.PValue(), Detectable: s.Detectable(level, 0.8), level: level, drawn: s,
	}
}

// correct fills in the corrected p and the verdicts: those of the number that decides
// are one family, and those of all others another.
func (c *Comparison) correct(primary int) {
	var deciding, others []*Difference
	for i := range c.Pairs {
		for k := range c.Pairs[i].All {
			if d := &c.Pairs[i].All[k]; k == primary {
				deciding = append(deciding, d)
			} else {
				others = append(others, d)
			}
		}
	}
	decide(deciding)
	decide(others)
	for _, d := range others { // nothing is decided by them
		d.Verdict = verdict(d.Scalar.Better, d.Value, d.P, d.Corrected, d.level)
	}
	for i := range c.Pairs {
		c.Pairs[i].Primary = c.Pairs[i].All[primary]
	}
}

// decide corrects the p of one family: all its differences come of the same resamples.
func decide(family []*Difference) {
	var ps []float64
	var drawn []statistics.Sample
	for _, d := range family {
		ps, drawn = append(ps, d.P), append(drawn, d.drawn)
	}
	for i, p := range statistics.Joint(drawn, ps) {
		family[i].decide(p, len(family))
	}
}

func (d *Difference) decide(corrected float64, of int) {
	d.Corrected, d.Pairs = corrected, of
	d.Verdict = direction(d.Scalar.Better, d.Value, corrected, d.level)
}

// Words says the verdict in a sentence, and that of the margin behind it.
func (p Pair) Words() string {
	if margin := p.marginWords(); margin != "" {
		return p.verdictWords() + "; " + margin
	}
	return p.verdictWords()
}

func (p Pair) verdictWords() string {
	a, b, d := p.A, p.B, p.Primary
	interval := fmt.Sprintf("%.0f%% interval %.3g to %.3g", 100*d.level, d.Low, d.High)
	chance := fmt.Sprintf("p = %.2g", d.Corrected)
	if d.Pairs > 1 {
		chance += fmt.Sprintf(", corrected for %d comparisons", d.Pairs)
	}
	switch {
	case math.IsNaN(d.Corrected):
		return fmt.Sprintf("%s and %s cannot be compared by %s: these cases do not have the number", b, a, d.Scalar.Title)
	case math.IsNaN(d.Low):
		return fmt.Sprintf("%s and %s are %s by %s: difference %.3g in every resample of these cases, so nothing is known of how far it may be from the true one; %s",
			b, a, d.Verdict, d.Scalar.Title, d.Value, chance)
	case d.Verdict == "indistinguishable":
		return fmt.Sprintf("%s and %s are indistinguishable by %s: difference %.3g, %s, %s; a true difference of %.2g would be found in 80 of 100 such comparisons",
			b, a, d.Scalar.Title, d.Value, interval, chance, d.Detectable)
	}
	return fmt.Sprintf("%s is %s than %s by %.3g in %s, %s, %s", b, d.Verdict, a, math.Abs(d.Value), d.Scalar.Title, interval, chance)
}
