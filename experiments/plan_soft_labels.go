package experiments

import (
	"fmt"
	"path/filepath"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// SoftLabelPlan is what a file makes of the labels of training cases.
type SoftLabelPlan struct {
	File        string  `json:"file"`
	Weight      float64 `json:"weight"`
	Temperature float64 `json:"temperature"`
	Cases       int     `json:"training_cases"` // of all folds
	Found       int     `json:"found"`          // of these in the file
	Words       string  `json:"words"`

	inTurn  bool // folds take turns as test set
	soft    train.Softened
	classes []string
	weighed bool // classes have weights in the loss
}

// trainedOn are the cases that some net of the run is trained on, with labels that people gave.
func trainedOn(cases audit.Cases) (out []stage.Case) {
	folds := len(cases.FoldsToRun()) > 1
	for _, c := range cases.Cases {
		if c.Soft == nil && (c.Split == stage.Train || folds && (c.Split == stage.Validation || c.Turns != nil)) {
			out = append(out, c)
		}
	}
	return out
}

// planSoftLabels reads the file of soft labels; nil where there is none.
func planSoftLabels(e Experiment, cases audit.Cases) (*SoftLabelPlan, error) {
	c := e.Train.SoftLabels
	if c == nil {
		return nil, nil
	}
	inTurn := len(cases.FoldsToRun()) > 1 && cases.TestInTurn()
	tested := slices.DeleteFunc(slices.Clone(cases.Cases), func(one stage.Case) bool { return one.Split != stage.Test && (!inTurn || one.Turns == nil) })
	soft, err := c.Soften(cases.Questions(), trainedOn(cases), tested)
	if err != nil {
		return nil, fmt.Errorf("train.soft_labels: %w", err)
	}
	return &SoftLabelPlan{File: string(c.File), Weight: c.Weight, Temperature: c.Temperature, Cases: soft.Cases, Found: soft.Found, Words: c.Words(soft), inTurn: inTurn, soft: soft,
		classes: cases.Classes, weighed: e.Train.Balance.ClassWeights != "none"}, nil
}

// pseudoWords count the cases that data.pseudo_labels adds; "" without them.
func pseudoWords(e Experiment, cases audit.Cases) string {
	n := 0
	for _, one := range cases.Cases {
		if one.Soft != nil {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of the training cases have their labels of %s; they neither validate nor test", n, filepath.Base(string(e.Data.PseudoLabels.File)))
}

// contradicted is the share of labels that may be others in the file before it looks like one
// of other cases.
const contradicted = 0.05

// leans tells where classes are weighed twice: by the nets that made the file, whose
// probabilities then are above the shares of the labels, and again in the loss.
func (p *SoftLabelPlan) leans() string {
	const much, times = 0.03, 1.25
	if !p.weighed || p.Found == 0 {
		return ""
	}
	n, most, ratio := float64(p.Found), -1, times
	for k, own := range p.soft.Own {
		if said := p.soft.Said[k]; own > 0 && said/own > ratio && (said-own)/n > much {
			most, ratio = k, said/own
		}
	}
	if most < 0 {
		return ""
	}
	return fmt.Sprintf("train.soft_labels.file: it gives %.1f %% to %s, which %.1f %% of its training cases are: if its nets weighed classes, train.balance.class_weights does so once more; none takes them once",
		100*p.soft.Said[most]/n, p.classes[most], 100*p.soft.Own[most]/n)
}

// softLabelWarnings tell of a file that seems to be about something else, and of labels that
// count nothing.
func softLabelWarnings(p *SoftLabelPlan) (out []string) {
	if p == nil {
		return nil
	}
	if s := p.soft; float64(s.Other) > contradicted*float64(s.Labelled) {
		out = append(out, fmt.Sprintf("train.soft_labels.file: its column label is another than the label of the data for %d of %d training cases, such as %s: is it of the same cases and labels?", s.Other, s.Labelled, s.Example))
	}
	switch n := p.soft.Taught; {
	case n > 0 && p.inTurn:
		out = append(out, fmt.Sprintf("train.soft_labels.file: %d cases that some fold tests are in its folds: of what one fold trains on, nets wrote it that have learnt from the fold's test cases, so numbers of the test split will be too good; take labels from nets of other data, or leave soft_labels out", n))
	case n > 0:
		out = append(out, fmt.Sprintf("train.soft_labels.file: %d test cases are in its folds: its nets have learnt from them, and numbers of the test split will be too good; take data.split of the run that it is from", n))
	}
	if text := p.leans(); text != "" {
		out = append(out, text)
	}
	if p.Weight == 1 {
		out = append(out, fmt.Sprintf("train.soft_labels.weight: 1: the data's own labels of the %d training cases in the file count nothing in training", p.Found))
	}
	return out
}
