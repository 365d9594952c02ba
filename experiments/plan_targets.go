package experiments

import (
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// targetWarnings tell of targets that a split lacks a class of, which the data has: what it
// does not train on the net cannot answer. Classes that a split lacks altogether are told
// by withoutClass.
func targetWarnings(cases audit.Cases) (out []string) {
	if len(cases.Targets) == 0 {
		return nil
	}
	whole := countTargets(cases, "")
	runs := cases.FoldsToRun()
	for _, number := range runs {
		seen := cases
		if len(runs) > 1 {
			seen = cases.InFold(number)
		}
		for _, split := range stage.Splits {
			name := string(split)
			switch {
			case len(runs) > 1 && split == stage.Test && !cases.TestInTurn() && number != runs[0]:
				continue // the same for all
			case len(runs) > 1 && (split != stage.Test || cases.TestInTurn()):
				name = fmt.Sprintf("the %s part of fold %d", map[stage.Split]string{stage.Train: "training", stage.Validation: "validation", stage.Test: "test"}[split], number)
			}
			out = append(out, countTargets(seen, split).lacking(cases, whole, name)...)
		}
	}
	return out
}

// targetCounts are the cases of each class of each target.
type targetCounts [][]int

// countTargets counts those of a split; of all splits where it is "".
func countTargets(cases audit.Cases, split stage.Split) targetCounts {
	out := make(targetCounts, len(cases.Targets))
	for q := range out {
		out[q] = make([]int, len(cases.Classes))
	}
	for _, c := range cases.Cases {
		if split == "" || c.Split == split {
			out[c.Target][c.Label]++
		}
	}
	return out
}

func (n targetCounts) lacking(cases audit.Cases, whole targetCounts, name string) (out []string) {
	for k, class := range cases.Classes {
		var lack []string
		for q, target := range cases.Targets {
			if n[q][k] == 0 && whole[q][k] > 0 {
				lack = append(lack, target)
			}
		}
		if none := !slices.ContainsFunc(n, func(of []int) bool { return of[k] > 0 }); len(lack) > 0 && !none {
			out = append(out, fmt.Sprintf("data.split: %s has no case of class %s of %s", name, class, firstOf(lack)))
		}
	}
	return out
}

// firstOf lists names, of many the first.
func firstOf(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%d targets: %s, …", len(names), strings.Join(names[:most], ", "))
}
