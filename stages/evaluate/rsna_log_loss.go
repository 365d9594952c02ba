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

// Pooled is the official metric, which pools conditions and levels itself.
func (RSNALogLoss) Pooled() {}

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

// Accept wants the three severities and the conditions of the challenge.
func (RSNALogLoss) Accept(p Predictions) error {
	if err := severityClasses(p.Classes); err != nil {
		return err
	}
	for _, item := range p.Items {
		if rsnaCondition(item) < 0 {
			return stage.Fault{
				Err:  fmt.Errorf("case %s: the condition is %q, want one with spinal, foraminal or subarticular in its name", item.CaseID, item.Tags["condition"]),
				Hint: "take rsna_log_loss out of evaluate.metrics, or use the rsna source",
			}
		}
	}
	return nil
}

// Values computes the score and its terms.
func (m RSNALogLoss) Values(p Predictions) []float64 {
	rows := m.rows(p)
	sums, weights, terms := [3]float64{}, [3]float64{}, [4]float64{}
	for i, w := range p.weights() {
		c := rows.condition[i]
		sums[c] += w * rows.severity[i] * rows.cost[i]
		weights[c] += w * rows.severity[i]
	}
	for c := range sums {
		terms[c] = sums[c] / weights[c]
	}
	terms[3] = m.anySevere(p, rows)
	return append([]float64{m.mean(terms)}, terms[:]...)
}

// Show notes terms without rows.
func (m RSNALogLoss) Show(p Predictions) (r Result) {
	for i, v := range m.Values(p)[1:4] {
		if math.IsNaN(v) {
			r.Notes = append(r.Notes, fmt.Sprintf("no case has a %s condition; the mean is over the other terms", rsnaConditions[i]))
		}
	}
	return r
}

// rsnaRows are what no weight changes: for each item its condition, the weight
// of its severity and its cost; and the canal rows of each study.
type rsnaRows struct {
	condition      []int8
	severity, cost []float64
	studies        [][]int32 // in the order of the rows, so that the sum has one order
}

func (m RSNALogLoss) rows(p Predictions) rsnaRows {
	return once(p.items, m, func() rsnaRows {
		n := len(p.Items)
		r := rsnaRows{condition: make([]int8, n), severity: make([]float64, n), cost: make([]float64, n)}
		at := map[string]int{}
		for i, item := range p.Items {
			r.condition[i] = int8(max(rsnaCondition(item), 0)) // Accept refuses others
			r.severity[i] = severityWeights[item.Label]
			r.cost[i] = -math.Log(m.probability(item))
			if r.condition[i] != 0 {
				continue
			}
			study, known := at[item.Group]
			if !known {
				study = len(r.studies)
				at[item.Group] = study
				r.studies = append(r.studies, nil)
			}
			r.studies[study] = append(r.studies[study], int32(i))
		}
		return r
	})
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

// anySevere is the binary log loss over studies: truth and weight are the
// largest over the study's canal rows, the probability is the largest one of
// severe, not renormalised. Rows of weight 0 are not there; a study counts as
// often as the row that counts most.
func (m RSNALogLoss) anySevere(p Predictions, rows rsnaRows) float64 {
	sum, weights, given := 0.0, 0.0, p.weights()
	for _, study := range rows.studies {
		count, weight, probability, isSevere := 0.0, 0.0, 0.0, false
		for _, i := range study {
			if given[i] == 0 {
				continue
			}
			count, weight = max(count, given[i]), max(weight, rows.severity[i])
			probability = max(probability, p.Items[i].Probabilities[severe])
			isSevere = isSevere || p.Items[i].Label == severe
		}
		if count == 0 {
			continue
		}
		right := clip(probability, m.Epsilon)
		if !isSevere {
			right = 1 - right
		}
		sum -= count * weight * math.Log(right)
		weights += count * weight
	}
	return sum / weights
}

// rsnaCondition pools left and right; -1 for none of the challenge.
func rsnaCondition(item stage.Prediction) int {
	tag := strings.ToLower(item.Tags["condition"])
	return slices.IndexFunc(rsnaConditions[:], func(c string) bool { return strings.Contains(tag, c) })
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
