package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"gopkg.in/yaml.v3"

	"vertebra/results"
	"vertebra/stages/evaluate"
)

// quoteNoise holds each difference against what seeds alone do on this data: the
// latest measurement of the split and the metric.
func quoteNoise(ctx context.Context, db *results.DB, data string, c evaluate.Comparison) (out []evaluate.Remark, err error) {
	for _, pair := range c.Pairs {
		list, err := db.NoiseOf(ctx, data, string(c.Split), pair.Primary.Scalar.Name)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 && !math.IsNaN(list[0].Deviation) {
			out = append(out, noiseRemark(list[0], pair))
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

// family names an experiment whatever its seed, name and purpose: a hash of the
// rest of the resolved experiment.
func family(experiment string) (string, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(experiment), &doc); err != nil {
		return "", err
	}
	if len(doc.Content) == 1 && doc.Content[0].Kind == yaml.MappingNode {
		top := doc.Content[0]
		for i := 0; i+1 < len(top.Content); {
			if slices.Contains(unlike, top.Content[i].Value) {
				top.Content = slices.Delete(top.Content, i, i+2)
				continue
			}
			i += 2
		}
	}
	text, err := yaml.Marshal(&doc)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
