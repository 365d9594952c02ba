package main

import (
	"fmt"
	"math"
	"text/tabwriter"

	"vertebra/finished/compare"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// printComparison says on a terminal what the page says.
func printComparison(w world, c compare.Compared) error {
	fmt.Fprintf(w.out, "%s split: %d cases of %d %s that all runs predicted\n", c.Split, c.Cases, c.Groups, c.Draw)
	for _, remark := range c.AllRemarks() {
		mark := "note"
		if remark.Serious {
			mark = "CAUTION"
		}
		fmt.Fprintf(w.out, "%s: %s\n", mark, remark.Text)
	}
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	for _, pair := range c.Pairs {
		fmt.Fprintf(t, "\n%s\n\nMETRIC\t%s\t%s\tDIFFERENCE\t%.4g%% INTERVAL\tP, CORRECTED\tVERDICT\n", pair.Words(), pair.A, pair.B, 100*c.Level)
		for _, d := range pair.All {
			fmt.Fprintf(t, "%s\t%.4f\t%.4f\t%+.4f\t%s\t%.2g\t%s\n", d.Scalar.Name, d.A, d.B, d.Value, intervalText(d.Estimate), d.Corrected, d.Verdict)
		}
		f := pair.Flips.All
		fmt.Fprintf(t, "\nof %d cases: %d fixed, %d broken, %d right in both, %d wrong in both\n", f.Cases, f.Fixed, f.Broken, f.BothRight, f.BothWrong)
	}
	return t.Flush()
}

// intervalText are the ends of an interval; "–" where there is none.
func intervalText(e stage.Estimate) string {
	if math.IsNaN(e.Low) {
		return nothing
	}
	return fmt.Sprintf("%+.4f to %+.4f", e.Low, e.High)
}

// pairJSON is a verdict for programs. A number that does not exist is null.
type pairJSON struct {
	Run        string   `json:"run"`
	Against    string   `json:"against"`
	Split      string   `json:"split"`
	Metric     string   `json:"metric"`
	Difference *float64 `json:"difference"`
	Low        *float64 `json:"low"`
	High       *float64 `json:"high"`
	P          *float64 `json:"p_corrected"`
	Verdict    string   `json:"verdict"`
	Words      string   `json:"words"`
	Margin     *float64 `json:"margin,omitempty"`
	MarginP    *float64 `json:"margin_p,omitempty"`
	OfMargin   string   `json:"margin_verdict,omitempty"`
	Fixed      int      `json:"fixed"`
	Broken     int      `json:"broken"`
}

func comparisonJSON(c evaluate.Comparison) []pairJSON {
	number := func(v float64) *float64 {
		if v != v {
			return nil
		}
		return &v
	}
	out := []pairJSON{}
	for _, p := range c.Pairs {
		d := p.Primary
		pair := pairJSON{Run: p.B, Against: p.A, Split: string(c.Split), Metric: d.Scalar.Name, Difference: number(d.Value), Low: number(d.Low), High: number(d.High), P: number(d.Corrected),
			Verdict: d.Verdict, Words: p.Words(), Fixed: p.Flips.All.Fixed, Broken: p.Flips.All.Broken}
		if m := p.Margin; m.Width > 0 {
			pair.Margin, pair.MarginP, pair.OfMargin = &m.Width, number(m.P), m.Verdict
		}
		out = append(out, pair)
	}
	return out
}
