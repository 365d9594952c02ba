package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"vertebra/results"
	"vertebra/stages/stage"
)

// finalsShown is how many final numbers a screen is given; the report has all.
const finalsShown = 14

// printFinals shows the final numbers of a run, with their intervals, beside those of
// a guess that sees no image; nothing where there are none.
func printFinals(out io.Writer, r results.RunSummary) error {
	values := map[[2]string]stage.Scalar{}
	var names []string
	for _, s := range r.WatchedFirst() {
		if s.Series == string(stage.Validation) || s.Series == string(stage.Test) {
			if _, validated := values[[2]string{string(stage.Validation), s.Name}]; !validated {
				names = append(names, s.Name)
			}
		}
		values[[2]string{s.Series, s.Name}] = s
	}
	if len(names) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var series []string
	fmt.Fprint(t, "\nfinal numbers")
	for _, one := range []string{"validation", "test", "validation baseline", "test baseline"} {
		if _, there := values[[2]string{one, names[0]}]; there {
			series = append(series, one)
			fmt.Fprint(t, "\t", one)
		}
	}
	for _, name := range names[:min(finalsShown, len(names))] {
		fmt.Fprint(t, "\n", name)
		for _, one := range series {
			fmt.Fprint(t, "\t", finalText(values[[2]string{one, name}]))
		}
	}
	if more := len(names) - finalsShown; more > 0 {
		fmt.Fprintf(t, "\n… %d more in the report", more)
	}
	fmt.Fprint(t, "\n\n")
	return t.Flush()
}

// finalText is a number with its interval; "–" where it was not measured.
func finalText(s stage.Scalar) string {
	switch {
	case s.Name == "":
		return "–"
	case s.Interval == nil:
		return fmt.Sprintf("%.4f", s.Value)
	}
	return fmt.Sprintf("%.4f (%.4f to %.4f)", s.Value, s.Interval.Low, s.Interval.High)
}
