package evaluate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

func init() {
	Metrics.Add("rsna_log_loss", "official metric of the RSNA 2024 lumbar spine challenge",
		RSNALogLoss{AnySevereWeight: 1, Renormalise: true, Epsilon: epsilon})
}

// RSNALogLoss is Kaggle's metric rsna-lumbar-metric-71549 (version 10): sample
// weights 1, 2, 4 by severity; the weighted log loss of each of three conditions
// over all their rows pooled; the same for "any level of the study's canal is
// severe"; and the mean of the four. A term without rows is NaN and left out of
// the mean. The study of a case is its Group.
type RSNALogLoss struct {
	AnySevereWeight float64 `help:"weight of the term for any severe canal; the others have 1" min:"0"`
	Renormalise     bool    `help:"divide clipped probabilities by their sum, as scikit-learn before 1.5 did"`
	Epsilon         float64 `help:"probabilities are clipped to this and one minus this" over:"0" under:"0.5"`
}

// severity are words that the class names must hold, in this order.
var severity = [3]string{"normal", "moderate", "severe"}

const severe = 2 // the label

var severityWeights = [3]float64{1, 2, 4}

var rsnaConditions = [3]string{"spinal", "foraminal", "subarticular"}

// ClassWeights are those of the severities.
func (RSNALogLoss) ClassWeights() []float64 { return severityWeights[:] }

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
	if err := severityClasses(p.Classes); err != nil {
		return Result{}, err
	}
	rows, err := byCondition(p.Items)
	if err != nil {
		return Result{}, err
	}
	terms := [4]float64{m.rows(rows[0]), m.rows(rows[1]), m.rows(rows[2]), m.anySevere(rows[0])}
	r := give(m, m.mean(terms), terms[0], terms[1], terms[2], terms[3])
	for i, condition := range rsnaConditions {
		if len(rows[i]) == 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("no case has a %s condition; the mean is over the other terms", condition))
		}
	}
	return r, nil
}

// mean is over the terms that exist; NaN where all of them weigh nothing.
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

// rows is the weighted log loss of the rows of one condition.
func (m RSNALogLoss) rows(items []stage.Prediction) float64 {
	sum, weights := 0.0, 0.0
	for _, item := range items {
		w := severityWeights[item.Label]
		sum -= w * math.Log(m.probability(item))
		weights += w
	}
	return sum / weights
}

func (m RSNALogLoss) probability(item stage.Prediction) float64 {
	total := 1.0
	if m.Renormalise {
		total = 0
		for _, v := range item.Probabilities {
			total += clip(v, m.Epsilon)
		}
	}
	return clip(item.Probabilities[item.Label], m.Epsilon) / total
}

// study is what the any-severe term knows of one study.
type study struct {
	severe              bool
	weight, probability float64
}

// anySevere is the binary log loss over studies: truth and weight are the
// largest over the study's canal rows, the probability is the largest one of
// severe, not renormalised.
func (m RSNALogLoss) anySevere(canal []stage.Prediction) float64 {
	at := map[string]int{}
	var studies []study // in the order of the rows, so that the sum has one order
	for _, item := range canal {
		i, known := at[item.Group]
		if !known {
			i = len(studies)
			at[item.Group] = i
			studies = append(studies, study{})
		}
		s := &studies[i]
		s.severe = s.severe || item.Label == severe
		s.weight = max(s.weight, severityWeights[item.Label])
		s.probability = max(s.probability, item.Probabilities[severe])
	}
	sum, weights := 0.0, 0.0
	for _, s := range studies {
		right := clip(s.probability, m.Epsilon)
		if !s.severe {
			right = 1 - right
		}
		sum -= s.weight * math.Log(right)
		weights += s.weight
	}
	return sum / weights
}

// byCondition pools the rows of each condition, left and right alike.
func byCondition(items []stage.Prediction) (rows [3][]stage.Prediction, err error) {
	for _, item := range items {
		tag := item.Tags["condition"]
		i := slices.IndexFunc(rsnaConditions[:], func(c string) bool { return strings.Contains(strings.ToLower(tag), c) })
		if i < 0 {
			return rows, stage.Fault{
				Err:  fmt.Errorf("case %s: the condition is %q, want one with spinal, foraminal or subarticular in its name", item.CaseID, tag),
				Hint: "take rsna_log_loss out of evaluate.metrics, or use the rsna source",
			}
		}
		rows[i] = append(rows[i], item)
	}
	return rows, nil
}

// severityClasses wants the classes in the order of the weights.
func severityClasses(classes []string) error {
	ok := len(classes) == len(severity)
	for i, name := range classes {
		ok = ok && strings.Contains(strings.ToLower(name), severity[i])
	}
	if ok {
		return nil
	}
	return stage.Fault{
		Err:  fmt.Errorf("the classes are %s, want normal, moderate, severe in this order", strings.Join(classes, ", ")),
		Hint: "take rsna_log_loss out of evaluate.metrics",
	}
}
