package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

const ensembleSection = "ensemble"

// number is the number that decides.
func (b blended) number() string {
	_, name, _ := strings.Cut(b.e.Ensemble.Monitor, ".")
	return name
}

// figures are the tables and figures of an ensemble beside its members.
func (s standing) figures() []stage.Record {
	out := []stage.Record{s.table()}
	if s.selection != nil {
		out = append(out, s.selection.Curve())
	}
	out = append(out, evaluate.AgreementRecords(s.memberNames(), s.agreement, s.alikeOn)...)
	if s.verdict == nil {
		return out
	}
	for _, record := range s.verdict.Records() {
		if t, is := record.(stage.Table); is && slices.Contains([]string{"verdicts", "differences", "flips"}, t.Name) {
			t.Section = ensembleSection
			out = append(out, t)
		}
	}
	return out
}

// table is that of the members with their weights and numbers.
func (s standing) table() stage.Table {
	t := stage.Table{Name: "members", Title: "Members", Section: ensembleSection, Columns: []string{"run", "weight"}, Note: strings.Join(s.words(), "; ")}
	for _, split := range splitsHeldOut {
		if numbers := s.numbers[split]; len(numbers) > 0 {
			t.Title = "Members, by " + numbers[0].Title
			t.Columns = append(t.Columns, string(split))
		}
	}
	for i := range len(s.members) + 1 {
		row := []any{theEnsemble, ""}
		if i < len(s.members) {
			row = []any{s.called(i, s.members[i].ID), s.how.Weights[i]}
		}
		for _, split := range splitsHeldOut {
			if numbers := s.numbers[split]; len(numbers) > 0 {
				row = append(row, estimate(numbers[i]))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// called is the name of a member, which says whether it is calibrated.
func (s standing) called(member int, name string) string {
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

// words say how the ensemble was made, and what it is worth.
func (s standing) words() (out []string) {
	what := map[string]string{"mean": "mean of the probabilities", "geometric": "mean of the probabilities' logarithms, renormalised"}[s.how.By]
	switch s.e.Ensemble.WeightsBy {
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

// print says on a terminal what the report says.
func (s standing) print(w world) error {
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "\nmember\tweight")
	for _, split := range splitsHeldOut {
		if len(s.numbers[split]) > 0 {
			fmt.Fprintf(t, "\t%s %s", split, s.number)
		}
	}
	for i := range len(s.members) + 1 {
		if i < len(s.members) {
			fmt.Fprintf(t, "\n%s\t%.3g", s.called(i, s.members[i].name), s.how.Weights[i])
		} else {
			fmt.Fprintf(t, "\n%s\t", theEnsemble)
		}
		for _, split := range splitsHeldOut {
			if numbers := s.numbers[split]; len(numbers) > 0 {
				fmt.Fprint(t, "\t", finalText(numbers[i]))
			}
		}
	}
	fmt.Fprint(t, "\n\n")
	if n := len(s.agreement); n > 0 && n <= pairsShown {
		fmt.Fprintf(t, "alike on %s\tother class\tkappa\tcorrelation of errors\n", s.alikeOn)
		for _, a := range s.agreement {
			fmt.Fprintf(t, "%s, %s\t%.1f %%\t%s\t%s\n", s.members[a.A].name, s.members[a.B].name, 100*a.Differ, orDash(a.Kappa), orDash(a.Errors))
		}
		fmt.Fprintln(t)
	}
	for _, text := range s.words() {
		fmt.Fprintln(t, text)
	}
	return t.Flush()
}

// pairsShown is how many pairs of members a screen is given; the report has all.
const pairsShown = 10

func orDash(v float64) string {
	if math.IsNaN(v) {
		return nothing
	}
	return fmt.Sprintf("%.3f", v)
}
