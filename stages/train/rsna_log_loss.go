package train

import (
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

func init() {
	Losses.Add("rsna_log_loss", "the RSNA 2024 lumbar spine metric of the batch, with its any-severe term",
		RSNALogLoss{Weights: [3]float64{1, 2, 4}, AnySevereWeight: 1})
}

// RSNALogLoss is what the metric rsna_log_loss measures (Kaggle's
// rsna-lumbar-metric-71549), over a batch: the mean of the log losses of the three
// conditions, each weighed by severity, and of the loss of "any level of the
// study's canal is severe", whose probability is the largest one of the study's
// levels in the batch. Terms without cases are left out. Cases of one study are
// pooled only where they are in one batch. Balance's class weights multiply those
// of severity.
type RSNALogLoss struct {
	Weights         [3]float64 `help:"weight of a case by its severity" min:"0"`
	AnySevereWeight float64    `help:"weight of the term for any severe canal; the conditions have 1" min:"0"`
	Temperature     float64    `help:"in place of the largest probability, the mean weighed by softmax(p / temperature), which trains all levels; 0 takes the largest" min:"0"`
}

var rsnaConditions = [3]string{"spinal", "foraminal", "subarticular"}

// Fits wants the three severities.
func (RSNALogLoss) Fits(classes []string) error {
	if len(classes) != 3 {
		return fmt.Errorf("the loss is made for three severities, there are the classes %s", strings.Join(classes, ", "))
	}
	return nil
}

// FitsCases wants cases that name their condition.
func (RSNALogLoss) FitsCases(cases []stage.Case) error {
	for _, c := range cases {
		if _, err := rsnaCondition(c.Tags); err != nil && c.Split == stage.Train {
			return err
		}
	}
	return nil
}

// Of reduces the batch to one number.
func (r RSNALogLoss) Of(s *torch.Scope, logits_BK torch.Tensor, t Targets) torch.Tensor {
	conditions, canals, err := rsnaRows(t)
	if err != nil {
		s.Fail(err)
		return torch.Tensor{}
	}
	terms := torch.RSNATerms{
		Conditions: s.FromInt64(conditions, int64(len(conditions))), AnyWeight: r.AnySevereWeight, Temperature: r.Temperature,
	}
	if len(canals) > 0 {
		terms.Canals = s.FromInt64(padded(canals))
	}
	b := byWeights.batch(logits_BK, t)
	b.ClassWeights = perClass(s, r.Weights[:])
	if t.ClassWeights_K.Valid() {
		b.ClassWeights = s.Mul(b.ClassWeights, t.ClassWeights_K)
	}
	return s.RSNALogLoss(b, terms)
}

// rsnaRows gives the condition of each row, and the canal's rows of each study in
// the order in which the studies appear.
func rsnaRows(t Targets) (conditions []int64, canals [][]int64, err error) {
	studies := map[string]int{}
	for i, tags := range t.Tags_B {
		at, err := rsnaCondition(tags)
		if err != nil {
			return nil, nil, err
		}
		conditions = append(conditions, int64(at))
		if at != 0 || i >= len(t.Groups_B) {
			continue
		}
		study, known := studies[t.Groups_B[i]]
		if !known {
			study = len(canals)
			studies[t.Groups_B[i]], canals = study, append(canals, nil)
		}
		canals[study] = append(canals[study], int64(i))
	}
	return conditions, canals, nil
}

// rsnaCondition is the index of a case's condition in rsnaConditions.
func rsnaCondition(tags map[string]string) (int, error) {
	at := slices.IndexFunc(rsnaConditions[:], func(word string) bool {
		return strings.Contains(strings.ToLower(tags["condition"]), word)
	})
	if at < 0 {
		return 0, stage.Fault{
			Err:  fmt.Errorf("rsna_log_loss: the condition of a case is %q, want one with spinal, foraminal or subarticular in its name", tags["condition"]),
			Hint: "take another loss, or the rsna source with a label for each condition",
		}
	}
	return at, nil
}

// padded makes a matrix of lists of unequal length, with −1 where one has ended.
func padded(lists [][]int64) (data []int64, rows, columns int64) {
	longest := 0
	for _, list := range lists {
		longest = max(longest, len(list))
	}
	for _, list := range lists {
		for i := range longest {
			if i < len(list) {
				data = append(data, list[i])
			} else {
				data = append(data, -1)
			}
		}
	}
	return data, int64(len(lists)), int64(longest)
}
