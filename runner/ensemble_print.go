package main

import (
	"fmt"
	"math"
	"text/tabwriter"

	"vertebra/finished/ensemble"
	"vertebra/stages/stage"
)

// printStanding says on a terminal what the report says.
func printStanding(w world, s ensemble.Standing) error {
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "\nmember\tweight")
	splits, shares := []stage.Split{stage.Validation, stage.Test}, s.Shares()
	for _, split := range splits {
		if len(s.Numbers[split]) > 0 {
			fmt.Fprintf(t, "\t%s %s", split, s.Number)
		}
	}
	for i := range len(shares) + 1 {
		if i < len(shares) {
			fmt.Fprintf(t, "\n%s\t%.3g", shares[i].Called, shares[i].Weight)
		} else {
			fmt.Fprintf(t, "\n%s\t", ensemble.Itself)
		}
		for _, split := range splits {
			if numbers := s.Numbers[split]; len(numbers) > 0 {
				fmt.Fprint(t, "\t", finalText(numbers[i]))
			}
		}
	}
	fmt.Fprint(t, "\n\n")
	if n := len(s.Agreement); n > 0 && n <= pairsShown {
		fmt.Fprintf(t, "alike on %s\tother class\tkappa\tcorrelation of errors\n", s.AlikeOn)
		for _, a := range s.Agreement {
			fmt.Fprintf(t, "%s, %s\t%.1f %%\t%s\t%s\n", shares[a.A].Name, shares[a.B].Name, 100*a.Differ, orDash(a.Kappa), orDash(a.Errors))
		}
		fmt.Fprintln(t)
	}
	for _, text := range s.Words() {
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
