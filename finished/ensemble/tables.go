package ensemble

import (
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

const section = "ensemble"

// number is the number that decides.
func (b Blended) number() string {
	_, name, _ := strings.Cut(b.Experiment.Ensemble.Monitor, ".")
	return name
}

// figures are the tables and figures of an ensemble beside its members.
func (s Standing) figures() []stage.Record {
	out := []stage.Record{s.table()}
	if s.selection != nil {
		out = append(out, s.selection.Curve())
	}
	out = append(out, evaluate.AgreementRecords(s.memberNames(), s.Agreement, s.AlikeOn)...)
	if s.verdict == nil {
		return out
	}
	for _, record := range s.verdict.Records() {
		if t, is := record.(stage.Table); is && slices.Contains([]string{"verdicts", "differences", "flips"}, t.Name) {
			t.Section = section
			out = append(out, t)
		}
	}
	return out
}

// table is that of the members with their weights and numbers.
func (s Standing) table() stage.Table {
	t := stage.Table{Name: "members", Title: "Members", Section: section, Columns: []string{"run", "weight"}, Note: strings.Join(s.Words(), "; ")}
	for _, split := range splitsHeldOut {
		if numbers := s.Numbers[split]; len(numbers) > 0 {
			t.Title = "Members, by " + numbers[0].Title
			t.Columns = append(t.Columns, string(split))
		}
	}
	for i := range len(s.members) + 1 {
		row := []any{Itself, ""}
		if i < len(s.members) {
			row = []any{s.called(i, s.members[i].ID), s.how.Weights[i]}
		}
		for _, split := range splitsHeldOut {
			if numbers := s.Numbers[split]; len(numbers) > 0 {
				row = append(row, estimate(numbers[i]))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Share is a member with its weight.
type Share struct {
	Name   string // short
	Called string // the name, and whether it is calibrated
	Weight float64
}

// Shares are those of the members, in their order.
func (s Standing) Shares() (out []Share) {
	for i, m := range s.members {
		out = append(out, Share{Name: m.name, Called: s.called(i, m.name), Weight: s.how.Weights[i]})
	}
	return out
}

// called is the name of a member, which says whether it is calibrated.
func (s Standing) called(member int, name string) string {
	if s.calibrated(member) {
		return name + " (calibrated)"
	}
	return name
}

func estimate(n stage.Scalar) any {
	if n.Interval == nil {
		return n.Value
	}
	return stage.Estimate{Value: n.Value, Low: n.Interval.Low, High: n.Interval.High}
}

// Words say how the ensemble was made, and what it is worth.
func (s Standing) Words() (out []string) {
	what := map[string]string{"mean": "mean of the probabilities", "geometric": "mean of the probabilities' logarithms, renormalised"}[s.how.By]
	switch s.Experiment.Ensemble.WeightsBy {
	case "greedy":
		found := "whose numbers are too good for that"
		if s.apart != nil {
			found = fmt.Sprintf("whose own numbers are of weights that were found on other groups (%d parts)", min(partsApart, len(s.apart)))
		}
		out = append(out, fmt.Sprintf("%s, weighed as greedy selection by %s on the validation split says, %s", what, s.selection.Scalar.Title, found))
	case "given":
		out = append(out, what+", with weights of the command line")
	default:
		out = append(out, what+", all alike")
	}
	if s.verdict == nil {
		return append(out, s.untold)
	}
	judged := s.verdict.Pairs[0].Words()
	if s.verdict.Split == stage.Validation {
		judged += "; by the validation split, since there is no test split: the best member was chosen on it"
	} else {
		judged = fmt.Sprintf("against the member that is best on validation, on the %s split: %s", s.verdict.Split, judged)
	}
	return append(out, judged)
}
