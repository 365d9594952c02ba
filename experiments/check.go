package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/evaluate"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// checks are all checks across stages.
var checks = []check{
	{[]string{"train", "evaluate"}, monitorExists},
	{[]string{"train", "data"}, monitorHasCases},
	{[]string{"train", "model"}, phaseGroups},
	{[]string{"train", "model"}, neverTrained},
	{[]string{"train"}, withoutEffect},
	{[]string{"evaluate"}, metricsOnce},
	{[]string{"preprocess"}, imagesHaveOneSize},
	{[]string{"preprocess", "model"}, imagesFitNet},
	{[]string{"train"}, weighedTwice},
	{[]string{"train"}, schedulesFit},
	{nil, idleSettings},
}

// monitorExists wants the monitored number among those that are measured, and
// to know which way it is better.
func monitorExists(e Experiment, c *checker) {
	const path = "train.monitor"
	legal := map[string]stage.Direction{"train.loss": stage.LowerBetter, "train.accuracy": stage.HigherBetter}
	var words []string
	for _, s := range evaluate.Names(e.Evaluate) {
		legal[validation+s.Name] = s.Better
		words = append(words, s.Name)
	}
	better, known := legal[e.Train.Monitor]
	switch {
	case !known:
		c.fail(path, fmt.Sprintf("%q is not measured", e.Train.Monitor), monitorHint(e.Train.Monitor, words))
	case better == stage.NoDirection:
		c.fail(path, fmt.Sprintf("%q has no better direction", e.Train.Monitor), "monitor a number that can get better, such as validation.loss")
	}
}

const validation = string(stage.Validation) + "."

// monitorHint names the metric that would measure the number, or the numbers
// that are measured.
func monitorHint(monitor string, words []string) string {
	name, found := strings.CutPrefix(monitor, validation)
	if !found {
		return "write validation.<number>, such as validation.loss"
	}
	for _, metric := range evaluate.Metrics.Names() {
		m, _ := evaluate.Metrics.Default(metric)
		if slices.ContainsFunc(m.Part.Scalars(), func(s stage.Scalar) bool { return s.Name == name }) {
			return "add " + metric + " to evaluate.metrics"
		}
	}
	return registry.Suggest(name, words)
}

// monitorHasCases wants validation cases when a validation number steers.
func monitorHasCases(e Experiment, c *checker) {
	if strings.HasPrefix(e.Train.Monitor, validation) && !e.Data.Split.Validates() {
		c.fail("data.split.validation", "there are no validation cases, but "+e.Train.Monitor+" is monitored",
			"give validation a share, or monitor train.loss")
	}
}

// phaseGroups wants every group that a phase trains to exist in the model.
func phaseGroups(e Experiment, c *checker) {
	legal := model.Groups(e.Model)
	for i, p := range e.Train.Phases {
		for j, group := range p.Train {
			path := fmt.Sprintf("train.phases.%d.train.%d", i, j)
			switch {
			case !slices.Contains(legal, group):
				c.fail(path, fmt.Sprintf("%s has no group %q", e.Model.Backbone.Name, group), registry.Suggest(group, legal))
			case slices.Contains(p.Train[:j], group):
				c.fail(path, fmt.Sprintf("group %q is named twice", group), "remove one of them")
			}
		}
		groupKeys(e, c, fmt.Sprintf("train.phases.%d.factors", i), p.Factors)
	}
	groupKeys(e, c, "train.decay.l2", e.Train.Decay.L2)
}

// groupKeys wants the keys of a setting by group to be groups of the model.
func groupKeys(e Experiment, c *checker, path string, setting map[string]float64) {
	legal := model.Groups(e.Model)
	for _, group := range slices.Sorted(maps.Keys(setting)) {
		if !slices.Contains(legal, group) {
			c.fail(path+"."+group, fmt.Sprintf("%s has no group %q", e.Model.Backbone.Name, group), registry.Suggest(group, legal))
		}
	}
}

// neverTrained warns of groups that keep the random values they began with.
func neverTrained(e Experiment, c *checker) {
	if e.Model.Backbone.Part.File() != "" {
		return
	}
	var left []string
	for _, group := range model.Groups(e.Model) {
		if !strings.Contains(group, ".") && group != model.All && group != model.BackBone && !trains(e, group) {
			left = append(left, group)
		}
	}
	if len(left) > 0 {
		c.warn("train.phases", "no phase trains "+strings.Join(left, ", ")+", and nothing is loaded into them: they stay random",
			"train all, or give the backbone weights")
	}
}

// trains says whether some phase trains a group or a part of it.
func trains(e Experiment, group string) bool {
	for _, p := range e.Train.Phases {
		for _, word := range p.Train {
			whole := word == model.All || word == model.BackBone && group != model.TheHead
			if whole || word == group || strings.HasPrefix(word, group+".") {
				return true
			}
		}
	}
	return false
}

// withoutEffect warns of settings of phases that nothing listens to.
func withoutEffect(e Experiment, c *checker) {
	for i, p := range e.Train.Phases {
		path := fmt.Sprintf("train.phases.%d.", i)
		if i == 0 && c.says(path+"from") {
			c.warn(path+"from", "has no effect: there is no phase before the first", "remove it")
		}
		if i+1 < len(e.Train.Phases) && c.says(path+"keep") && p.Keep != e.Train.Phases[i+1].From {
			c.warn(path+"keep", fmt.Sprintf("has no effect: the next phase begins from %q", e.Train.Phases[i+1].From), "set from of the next phase")
		}
		if p.Stop != nil && p.Stop.Patience >= p.Epochs {
			c.warn(path+"stop.patience", fmt.Sprintf("has no effect: the phase ends after %d epochs", p.Epochs), "choose fewer than epochs, or remove stop")
		}
	}
}

// metricsOnce wants each metric once: their numbers would have the same name.
func metricsOnce(e Experiment, c *checker) {
	first := map[string]int{}
	for i, m := range e.Evaluate.Metrics {
		if before, taken := first[m.Name]; taken {
			c.fail(fmt.Sprintf("evaluate.metrics.%d", i), fmt.Sprintf("metric %s is entry %d too", m.Name, before), "remove one of them")
			continue
		}
		first[m.Name] = i
	}
}

// imagesHaveOneSize wants the steps to begin with decode and to leave all
// images with one size, since a batch is one tensor.
func imagesHaveOneSize(e Experiment, c *checker) {
	if len(e.Preprocess) == 0 || e.Preprocess[0].Name != "decode" {
		c.fail("preprocess.0", "the first step must be decode", "begin the list with - decode")
		return
	}
	var shape preprocess.Shape
	for i, s := range e.Preprocess {
		path := fmt.Sprintf("preprocess.%d", i)
		if i > 0 && s.Name == "decode" {
			c.fail(path, "an image is decoded once only", "remove this step")
			return
		}
		var err error
		if shape, err = s.Part.Shape(shape); err != nil {
			c.fail(path, err.Error(), "")
			return
		}
	}
	if shape.Height == 0 || shape.Width == 0 {
		c.fail("preprocess", "the images would leave with different sizes", "end the list with - resize: {pixels: 224}")
	}
}
