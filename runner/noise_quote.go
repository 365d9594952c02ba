package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/results"
	"vertebra/stages/evaluate"
)

// quoteNoise holds each difference against what seeds alone do on this data: the
// latest measurement of the split and the metric, if there is one of a compared
// experiment.
func (c compared) quoteNoise(ctx context.Context, db *results.DB) (out []evaluate.Remark, err error) {
	var own []string
	for _, r := range c.records {
		hash, err := family(r.Experiment)
		if err != nil {
			return nil, fmt.Errorf("experiment of %s: %w", r.ID, err)
		}
		own = append(own, hash)
	}
	for _, pair := range c.Pairs {
		list, err := db.NoiseOf(ctx, c.records[0].Fact("data fingerprint"), string(c.Split), pair.Primary.Scalar.Name)
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

// family names an experiment whatever its seed, name and purpose: a hash of the
// rest of the resolved experiment.
func family(experiment string) (string, error) { return hashWithout(experiment, unlike) }

// hashWithout is the hash of an experiment without some settings, by their paths.
func hashWithout(experiment string, paths []string) (string, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(experiment), &doc); err != nil {
		return "", err
	}
	for _, path := range paths {
		if len(doc.Content) == 1 {
			leaveOut(doc.Content[0], strings.Split(path, "."))
		}
	}
	text, err := yaml.Marshal(&doc)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// leaveOut removes a setting from a tree, if it is there.
func leaveOut(tree *yaml.Node, path []string) {
	if tree.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(tree.Content); i += 2 {
		switch {
		case tree.Content[i].Value != path[0]:
		case len(path) > 1:
			leaveOut(tree.Content[i+1], path[1:])
		default:
			tree.Content = slices.Delete(tree.Content, i, i+2)
			return
		}
	}
}
