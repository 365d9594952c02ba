package compare

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/evaluate"
)

// quoteNoise holds each difference against what seeds alone do on this data: the
// latest measurement of the split and the metric, if there is one of a compared
// experiment.
func (c Compared) quoteNoise(ctx context.Context, db *results.DB) (out []evaluate.Remark, err error) {
	var own []string
	for _, r := range c.Records {
		hash, err := experiments.Family(r.Experiment)
		if err != nil {
			return nil, fmt.Errorf("experiment of %s: %w", r.ID, err)
		}
		own = append(own, hash)
	}
	for _, pair := range c.Pairs {
		list, err := db.NoiseOf(ctx, c.Records[0].Fact("data fingerprint"), string(c.Split), pair.Primary.Scalar.Name)
		if err != nil {
			return nil, err
		}
		at := max(0, slices.IndexFunc(list, func(n results.Noise) bool { return slices.Contains(own, n.Experiment) }))
		if len(list) > 0 && !math.IsNaN(list[at].Deviation) {
			out = append(out, noiseRemark(list[at], pair))
		}
	}
	return out, nil
}

// noiseRemark compares a difference with the standard deviation of the difference
// of two runs that have nothing but the seed different: √2 times that of one.
func noiseRemark(n results.Noise, pair evaluate.Pair) evaluate.Remark {
	between := math.Sqrt2 * n.Deviation
	text := fmt.Sprintf("between %d seeds of %s, %s lies from %.4g to %.4g (standard deviation %.2g), so two runs that differ in the seed alone are typically %.2g apart",
		len(n.Runs), n.Name, pair.Primary.Scalar.Title, n.Low, n.High, n.Deviation, between)
	d := math.Abs(pair.Primary.Value)
	switch {
	case !(between > 0) || math.IsNaN(d):
		return evaluate.Remark{Text: text}
	case d < 2*between:
		return evaluate.Remark{Text: fmt.Sprintf("%s; %s differs from %s by %.2g, which is within twice of that", text, pair.B, pair.A, d), Serious: pair.Primary.Verdict != "indistinguishable"}
	}
	return evaluate.Remark{Text: fmt.Sprintf("%s; %s differs from %s by %.1f times as much", text, pair.B, pair.A, d/between)}
}
