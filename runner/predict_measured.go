package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"vertebra/finished/predict"
	"vertebra/stages/stage"
)

// tellMeasured says how good the predictions are, where the labels are known.
func tellMeasured(to *console, p predict.Predictor, items []stage.Prediction, raw bool) (measured bool, err error) {
	scalars, measured, err := p.Measure(items)
	if err != nil || !measured {
		return false, err
	}
	to.say("measured over %d cases:", len(items))
	if silent := p.Silent(items); len(silent) > 0 {
		to.warn("there is no case of %s: the run's own numbers are means over more targets than these", strings.Join(silent, ", "))
	}
	for _, line := range besideFinals(scalars, p.Run.Finals(), raw) {
		to.say("  %s", line)
	}
	return true, nil
}

// besideFinals writes a line for each number, with what the run measured itself, on its test
// split where it has one, and calibrated where these are.
func besideFinals(scalars, finals []stage.Scalar, raw bool) []string {
	var out strings.Builder
	t := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	series := []string{"test calibrated", "test", "validation calibrated", "validation"}
	if raw {
		series = []string{"test", "validation"}
	}
	for _, s := range scalars {
		fmt.Fprintf(t, "%s\t%s", s.Name, finalText(s))
		for _, one := range series {
			at := slices.IndexFunc(finals, func(f stage.Scalar) bool { return f.Series == one && f.Name == s.Name && measured(f) })
			if at >= 0 {
				fmt.Fprintf(t, "\trun, %s: %s", one, finalText(finals[at]))
				break
			}
		}
		fmt.Fprintln(t)
	}
	_ = t.Flush() // a buffer takes everything
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}
