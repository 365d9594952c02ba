package experiments

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Cautions are what only the data shows and what is no mistake: check and run tell them.
func (e Experiment) Cautions(cases audit.Cases) []string {
	soft, _ := planSoftLabels(e, cases) // whatever is wrong is told by Fits
	return append(dataWarnings(e, Plan{Data: planData(cases)}), softLabelWarnings(soft)...)
}

// guessedOrder warns where grades matter, and their order is that of the alphabet since
// the experiment names no classes.
func guessedOrder(e Experiment, classes []string) []string {
	numeric := func(class string) bool { _, err := strconv.ParseFloat(class, 64); return err == nil }
	if len(classes) < 3 || !namesNoClasses(e.Data.Source.Part) || !slices.ContainsFunc(classes, func(c string) bool { return !numeric(c) }) {
		return nil
	}
	var who []string
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
	if who == nil {
		return nil
	}
	return []string{fmt.Sprintf("data.source.%s.classes names no order, so that of the alphabet counts: %s; to %s it means grades: write classes: [%s] in their order",
		e.Data.Source.Name, strings.Join(classes, " < "), strings.Join(who, ", "), strings.Join(classes, ", "))}
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
