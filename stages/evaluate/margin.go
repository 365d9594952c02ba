package evaluate

import (
	"fmt"
	"math"
	"slices"

	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// The verdicts of a margin.
const (
	NonInferior  = "non-inferior"
	Equivalent   = "equivalent"
	Inferior     = "inferior"
	Inconclusive = "inconclusive"
)

// Margin is the answer to whether B is worse than A by as much as would matter: by a margin that was
// chosen before. That two runs are indistinguishable does not say so, since few cases tell nothing apart.
type Margin struct {
	Width float64 // in the unit of the number; 0 where nobody asked
	// P is the probability, one-sided, of such a difference in B's favour, or a larger one, if B were worse by
	// the margin; where B is equivalent, the larger of it and that of being better by the margin. It is
	// corrected for the number of pairs.
	P       float64
	Verdict string // "" where the number does not exist, or nothing is known of its spread
	// Needed is how many groups, such as those that were compared, would show in 80 of 100
	// comparisons that B is not worse by the margin, were it truly as good as A; 0 where nobody knows, or
	// those that were compared are as many.
	Needed int
}

// judgeMargin fills in the margins of all pairs. B is non-inferior where the interval of the
// difference lies above minus the margin: a one-sided test at half of 1 − level (ICH E9, sections 3.3.2 and
// 3.5; Piaggio et al. 2012, CONSORT for non-inferiority and equivalence). It is equivalent where the interval lies
// within the margin on both sides: two one-sided tests (Schuirmann 1987) at that level.
func (c *Comparison) judgeMargin(width float64) error {
	if width == 0 || len(c.Pairs) == 0 {
		return nil
	}
	scalar := c.Pairs[0].Primary.Scalar
	if scalar.Better == stage.NoDirection {
		return stage.Fault{Err: fmt.Errorf("a margin wants a number of which more, or less, is better, and %s is none", scalar.Name), Hint: "name another with --metric"}
	}
	var drawn []statistics.Sample
	for _, pair := range c.Pairs {
		drawn = append(drawn, pair.Primary.drawn)
	}
	for i, m := range margins(width, c.Level, slices.Repeat([]stage.Direction{scalar.Better}, len(drawn)), drawn) {
		m.Needed = needed(c.Groups, c.Pairs[i].Primary.Detectable, width)
		c.Pairs[i].Margin = m
	}
	return nil
}

// needed scales the number of groups until the margin is the difference that they find: standard errors
// shrink by its root.
func needed(groups int, detectable, width float64) int {
	n := float64(groups) * (detectable / width) * (detectable / width)
	if math.IsNaN(n) || n > 1e6 || n <= float64(groups) {
		return 0
	}
	return int(math.Ceil(n))
}

// margins judges differences that were drawn together, each of a number of which better says what is.
func margins(width, level float64, better []stage.Direction, drawn []statistics.Sample) []Margin {
	var notWorse, notBetter []statistics.Sample
	for i, s := range drawn {
		sign := 1.
		if better[i] == stage.LowerBetter {
			sign = -1
		}
		notWorse, notBetter = append(notWorse, s.Shifted(sign, width)), append(notBetter, s.Shifted(-sign, width))
	}
	worse, over := statistics.Above(notWorse), statistics.Above(notBetter)
	out := make([]Margin, len(drawn))
	for i, s := range drawn {
		low, _ := s.Interval(level)
		out[i] = marginOf(width, level, worse[i], over[i], !math.IsNaN(low))
	}
	return out
}

// marginOf decides by the p of being worse, and of being better, by the margin.
func marginOf(width, level, worse, better float64, known bool) Margin {
	m, alpha := Margin{Width: width, P: worse}, (1-level)/2
	switch {
	case !known || math.IsNaN(worse):
		m.P = math.NaN()
	case worse < alpha && better < alpha:
		m.Verdict, m.P = Equivalent, max(worse, better)
	case worse < alpha:
		m.Verdict = NonInferior
	case worse > 1-alpha:
		m.Verdict = Inferior
	default:
		m.Verdict = Inconclusive
	}
	return m
}

// marginWords say it in a sentence; "" where nobody asked.
func (p Pair) marginWords() string {
	m, a, b := p.Margin, p.A, p.B
	if m.Width == 0 {
		return ""
	}
	chance := fmt.Sprintf("one-sided p = %.2g", m.P)
	switch m.Verdict {
	case NonInferior:
		return fmt.Sprintf("%s is non-inferior to %s: it is not worse by the margin of %.4g, %s", b, a, m.Width, chance)
	case Equivalent:
		return fmt.Sprintf("by the margin of %.4g the two are equivalent: neither is better by as much, %s", m.Width, chance)
	case Inferior:
		return fmt.Sprintf("%s is inferior to %s: it is worse by more than the margin of %.4g, one-sided p = %.2g", b, a, m.Width, 1-m.P)
	case Inconclusive:
		return fmt.Sprintf("whether %s is worse than %s by the margin of %.4g is not known, %s", b, a, m.Width, chance) + m.more()
	}
	return fmt.Sprintf("nothing can be said of the margin of %.4g", m.Width)
}

// more says how many cases it would take.
func (m Margin) more() string {
	if m.Needed == 0 {
		return ""
	}
	return fmt.Sprintf("; if they are truly alike, about %d groups of cases show it in 80 of 100 such comparisons", m.Needed)
}
