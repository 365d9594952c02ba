package evaluate

import (
	"fmt"
	"math"
	"strings"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("rsna_log_loss", "official metric of the RSNA 2024 lumbar spine challenge", RSNALogLoss{AnySevereWeight: 1, Renormalise: true})
}

// RSNALogLoss is Kaggle's metric rsna-lumbar-metric-71549 (version 10): sample
// weights 1, 2, 4 by severity; the weighted log loss of each of three conditions
// over all their rows pooled; the same for "any level of the study's canal is
// severe"; and the mean of the four. Terms without rows are left out of the mean.
type RSNALogLoss struct {
	AnySevereWeight float64 `help:"weight of the term for any severe canal" min:"0"`
	Renormalise     bool    `help:"divide clipped probabilities by their sum, as scikit-learn before 1.5 did"`
}

var rsnaConditions = []string{"spinal", "foraminal", "subarticular"}

// Scalars are the score and its four terms.
func (RSNALogLoss) Scalars() []stage.Scalar {
	names := [][2]string{
		{"rsna_log_loss", "RSNA log loss"}, {"rsna_spinal", "RSNA log loss, spinal canal"},
		{"rsna_foraminal", "RSNA log loss, foraminal"}, {"rsna_subarticular", "RSNA log loss, subarticular"},
		{"rsna_any_severe", "RSNA log loss, any severe canal"},
	}
	out := make([]stage.Scalar, len(names))
	for i, n := range names {
		out[i] = stage.Scalar{Name: n[0], Title: n[1], Better: stage.LowerBetter}
	}
	return out
}

// Measure computes the score and its terms.
func (m RSNALogLoss) Measure(p Predictions) (Result, error) {
	if len(p.Classes) != 3 {
		return Result{}, stage.Fault{
			Err:  fmt.Errorf("it is defined for 3 classes (normal, moderate, severe), there are %d", len(p.Classes)),
			Hint: "take rsna_log_loss out of evaluate.metrics",
		}
	}
	var terms [4]float64
	for i, condition := range rsnaConditions {
		terms[i] = m.condition(p.Items, condition)
	}
	terms[3] = anySevere(p.Items)
	out := m.Scalars()
	out[0].Value = m.mean(terms)
	if math.IsNaN(out[0].Value) {
		return Result{}, stage.Fault{
			Err:  fmt.Errorf("no case has a condition tag that holds spinal, foraminal or subarticular"),
			Hint: "take rsna_log_loss out of evaluate.metrics, or use the rsna source",
		}
	}
	for i, t := range terms {
		out[i+1].Value = t
	}
	return Result{Scalars: out}, nil
}

func (m RSNALogLoss) mean(terms [4]float64) float64 {
	sum, n := 0.0, 0.0
	for i, weight := range [4]float64{1, 1, 1, m.AnySevereWeight} {
		if !math.IsNaN(terms[i]) {
			sum += weight * terms[i]
			n += weight
		}
	}
	return sum / n
}

// condition pools all rows of one condition, left and right alike; NaN where
// there are none.
func (m RSNALogLoss) condition(items []stage.Prediction, condition string) float64 {
	sum, weights := 0.0, 0.0
	for _, item := range items {
		if strings.Contains(item.Tags["condition"], condition) {
			w := severityWeight(item.Label)
			sum -= w * math.Log(m.probability(item))
			weights += w
		}
	}
	return sum / weights
}

func (m RSNALogLoss) probability(item stage.Prediction) float64 {
	total := 1.0
	if m.Renormalise {
		total = 0
		for _, v := range item.Probabilities {
			total += clip(v)
		}
	}
	return clip(item.Probabilities[item.Label]) / total
}

func severityWeight(label int) float64 { return float64(int(1) << label) }

// study is what the any-severe term knows of one study.
type study struct{ severe, weight, probability float64 }

// anySevere is the binary log loss over studies: y and w are the largest over
// the study's canal rows, p the largest raw probability of severe.
func anySevere(items []stage.Prediction) float64 {
	studies := map[string]study{}
	for _, item := range items {
		if !strings.Contains(item.Tags["condition"], "spinal") {
			continue
		}
		s := studies[item.Group]
		s.weight = max(s.weight, severityWeight(item.Label))
		s.probability = max(s.probability, item.Probabilities[2])
		if item.Label == 2 {
			s.severe = 1
		}
		studies[item.Group] = s
	}
	sum, weights := 0.0, 0.0
	for _, group := range sortedKeys(studies) {
		s := studies[group]
		p := clip(s.probability)
		sum -= s.weight * (s.severe*math.Log(p) + (1-s.severe)*math.Log(1-p))
		weights += s.weight
	}
	return sum / weights
}
