package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Cautions are what only the data shows and what is no mistake: check and run tell them.
func (e Experiment) Cautions(cases audit.Cases) []string {
	soft, _ := planSoftLabels(e, cases) // whatever is wrong is told by Fits
	return slices.Concat(dataWarnings(e, Plan{Data: planData(cases)}), softLabelWarnings(soft), preprocess.TellUnspaced(e.Preprocess, cases))
}

// guessedOrder warns where grades matter, and their order is that of the alphabet since
// the experiment names no classes, or none of a target.
func guessedOrder(e Experiment, d DataPlan) (out []string) {
	if !namesNoClasses(e.Data.Source.Part) {
		return nil
	}
	who := ordering(e)
	if who == nil {
		return nil
	}
	if d.TargetClasses == nil && unordered(d.Classes) {
		return []string{fmt.Sprintf("data.source.%s.classes names no order, so that of the alphabet counts: %s; to %s it means grades: write classes: [%s] in their order",
			e.Data.Source.Name, strings.Join(d.Classes, " < "), strings.Join(who, ", "), strings.Join(d.Classes, ", "))}
	}
	for _, target := range slices.Sorted(maps.Keys(d.TargetClasses)) {
		if of := d.TargetClasses[target]; e.Data.TargetClasses[target] == nil && unordered(of) {
			out = append(out, fmt.Sprintf("data.target_classes names no order for %s, so that of the alphabet counts: %s; to %s it means grades: write target_classes: {%s: [%s]} in their order",
				target, strings.Join(of, " < "), strings.Join(who, ", "), target, strings.Join(of, ", ")))
		}
	}
	return out
}

// unordered says whether names of classes have no order of their own.
func unordered(classes []string) bool {
	numeric := func(class string) bool { _, err := strconv.ParseFloat(class, 64); return err == nil }
	return len(classes) > 2 && slices.ContainsFunc(classes, func(c string) bool { return !numeric(c) })
}

// ordering lists the settings to which classes are grades.
func ordering(e Experiment) (who []string) {
	if ordered(e.Train.Loss.Part) {
		who = append(who, "train.loss "+e.Train.Loss.Name)
	}
	for _, m := range e.Evaluate.Metrics {
		if ordered(m.Part) {
			who = append(who, "metric "+m.Name)
		}
	}
	if e.Data.Sample != "point" && e.Data.Label == "worst" {
		who = append(who, "data.label worst")
	}
	return who
}

func namesNoClasses(source audit.Source) bool {
	switch s := source.(type) {
	case audit.Table:
		return len(s.Classes) == 0
	case audit.Folders:
		return len(s.Classes) == 0
	}
	return false
}

func ordered(part any) bool {
	o, ok := part.(stage.Ordered)
	return ok && o.Ordered()
}
