package evaluate

import (
	"fmt"
	"math"

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
	sign := map[stage.Direction]float64{stage.HigherBetter: 1, stage.LowerBetter: -1}[scalar.Better]
	if sign == 0 {
		return stage.Fault{Err: fmt.Errorf("a margin wants a number of which more, or less, is better, and %s is none", scalar.Name), Hint: "name another with --metric"}
	}
	var notWorse, notBetter []statistics.Sample
	for _, pair := range c.Pairs {
		notWorse = append(notWorse, pair.Primary.drawn.Shifted(sign, width))
		notBetter = append(notBetter, pair.Primary.drawn.Shifted(-sign, width))
	}
	worse, better := statistics.Above(notWorse), statistics.Above(notBetter)
	for i := range c.Pairs {
		c.Pairs[i].Margin = marginOf(width, c.Level, worse[i], better[i], !math.IsNaN(c.Pairs[i].Primary.Low))
	}
	return nil
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
		return fmt.Sprintf("whether %s is worse than %s by the margin of %.4g is not known, %s", b, a, m.Width, chance)
	}
	return fmt.Sprintf("nothing can be said of the margin of %.4g", m.Width)
}
