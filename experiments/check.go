package experiments

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/evaluate"
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
	{[]string{"train", "model"}, withoutEffect},
	{[]string{"train", "model"}, loraWorks},
	{[]string{"evaluate"}, metricsOnce},
	{[]string{"preprocess"}, stepsFitEachOther},
	{[]string{"preprocess", "model"}, imagesFitNet},
	{[]string{"preprocess", "augment", "model"}, backboneFits},
	{[]string{"model"}, backboneIsOdd},
	{[]string{"preprocess", "model"}, weightsWantPixels},
	{[]string{"train"}, weighedTwice},
	{[]string{"pretrain", "preprocess"}, pretrainingWorks},
	{[]string{"locate"}, placesAreTold},
	{[]string{"locate", "data"}, pointsAreOfUse},
	{[]string{"train", "evaluate", "sweep"}, lossIsWatched},
	{[]string{"train", "model"}, outputsCanDiffer},
	{[]string{"data", "model"}, viewsAreThere},
	{[]string{"data", "preprocess", "model"}, slicesAreThere},
	{[]string{"data", "model"}, covariatesAreThere},
	{[]string{"train"}, schedulesFit},
	{[]string{"augment", "train", "preprocess"}, augmentationsWork},
	{[]string{"augment", "preprocess", "model"}, windowMoves},
	{[]string{"preprocess"}, stepsWork},
	{nil, idleSettings},
}

// monitorExists wants the monitored numbers among those that are measured, and
// to know which way they are better.
func monitorExists(e Experiment, c *checker) {
	e.Sweep = nil // see sweepFits
	for _, s := range e.steering() {
		c.steers(s.path, s.number, e)
	}
}

// steers wants a number that steers something to be measured after each epoch.
func (c *checker) steers(path, number string, e Experiment) {
	better, known := Direction(e, number)
	all, target, of := evaluate.CutTarget(number)
	switch {
	case of && target == "":
		c.fail(path, fmt.Sprintf("%q names no target", number), "write "+all+"/<target>, or "+all+" for the mean over all of them")
	case of && e.Evaluate.AverageOver == "":
		c.fail(path, fmt.Sprintf("%q is of one target, and evaluate.average_over says none", number), "write average_over: target, or monitor "+all)
	case !known:
		var words []string
		for _, s := range evaluate.Names(e.Evaluate) {
			words = append(words, s.Name)
		}
		c.fail(path, fmt.Sprintf("%q is not measured", number), monitorHint(all, words))
	case better == stage.NoDirection:
		c.fail(path, fmt.Sprintf("%q has no better direction", number), "monitor a number that can get better, such as validation.loss")
	}
}

// Direction says which way a number that is measured after each epoch is better,
// such as validation.loss; false when it is not measured.
func Direction(e Experiment, number string) (stage.Direction, bool) {
	legal := map[string]stage.Direction{"train.loss": stage.LowerBetter, "train.accuracy": stage.HigherBetter}
	for _, s := range evaluate.Names(e.Evaluate.Watching(number)) {
		legal[validation+s.Name] = s.Better
	}
	better, known := legal[number]
	return better, known
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
	monitors := []string{e.Train.Monitor}
	for _, p := range e.Train.Phases {
		monitors = append(monitors, p.Monitor)
	}
	for _, monitor := range monitors {
		if strings.HasPrefix(monitor, validation) && !e.Data.Split.Validates() {
			c.fail("data.split.validation", "there are no validation cases, but "+monitor+" is monitored",
				"give validation a share, or monitor train.loss")
			return
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

// stepsFitEachOther wants the steps to begin with decode, to take what the step
// before leaves, and to leave images of one size, since a batch is one tensor.
func stepsFitEachOther(e Experiment, c *checker) {
	_, err := preprocess.Describe(e.Preprocess)
	if wrong := (stage.Wrong{}); errors.As(err, &wrong) {
		p := blame(wrong, err)
		c.fail(p.Path, p.Text, p.Hint)
	}
}
