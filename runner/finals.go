package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// finalsShown is how many final numbers a screen is given; the report has all.
const finalsShown = 14

// printFinals shows the final numbers of a run, with their intervals, beside those of
// a guess that sees no image; nothing where there are none. Of calibrated ones the
// report has the intervals: a screen has no room for them.
func printFinals(out io.Writer, r results.RunSummary) error {
	values, names := finalValues(r)
	if len(names) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var series []string
	fmt.Fprint(t, "\nfinal numbers")
	for _, one := range evaluate.FinalSeries {
		if slices.ContainsFunc(names, func(name string) bool { return values[[2]string{one, name}].Name != "" }) {
			series = append(series, one)
			fmt.Fprint(t, "\t", one)
		}
	}
	for _, name := range names[:min(finalsShown, len(names))] {
		fmt.Fprint(t, "\n", name)
		for _, one := range series {
			s := values[[2]string{one, name}]
			if strings.HasSuffix(one, " calibrated") {
				s.Interval = nil
			}
			fmt.Fprint(t, "\t", finalText(s))
		}
	}
	if more := len(names) - finalsShown; more > 0 {
		fmt.Fprintf(t, "\n… %d more in the report", more)
	}
	fmt.Fprint(t, "\n\n")
	return t.Flush()
}

// finalValues are the final numbers by series and name, and the names of those that exist
// for some series.
func finalValues(r results.RunSummary) (values map[[2]string]stage.Scalar, names []string) {
	values = map[[2]string]stage.Scalar{}
	for _, s := range r.WatchedFirst() {
		if s.Series == string(stage.Validation) || s.Series == string(stage.Test) {
			if _, validated := values[[2]string{string(stage.Validation), s.Name}]; !validated {
				names = append(names, s.Name)
			}
		}
		values[[2]string{s.Series, s.Name}] = s
	}
	return values, slices.DeleteFunc(names, func(name string) bool { // of which there are no cases
		return !slices.ContainsFunc(evaluate.FinalSeries, func(one string) bool { return measured(values[[2]string{one, name}]) })
	})
}

// measured says whether there is a number.
func measured(s stage.Scalar) bool { return s.Name != "" && !math.IsNaN(s.Value) }

// finalText is a number with its interval; "–" where it was not measured.
func finalText(s stage.Scalar) string {
	switch {
	case !measured(s):
		return nothing
	case s.Interval == nil:
		return fmt.Sprintf("%.4f", s.Value)
	}
	return fmt.Sprintf("%.4f (%.4f to %.4f)", s.Value, s.Interval.Low, s.Interval.High)
}
