package compare

import (
	"slices"

	"vertebra/experiments"
	"vertebra/stages/stage"
)

// Facts compares what two runs ran on, and with: those that are not the same in both.
func Facts(a, b []stage.Fact) []experiments.Change {
	var out []experiments.Change
	for _, f := range b {
		for _, g := range a {
			if f.Name == g.Name && f.Value != g.Value && !slices.Contains(hiddenFacts, f.Name) {
				out = append(out, experiments.Change{Path: f.Name, Before: g.Value, After: f.Value, Words: g.Value + " → " + f.Value})
			}
		}
	}
	return out
}
