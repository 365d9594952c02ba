package experiments

import (
	"errors"
	"fmt"
	"strings"

	"vertebra/stages/augment"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// imagesFitNet wants the images to have the channels that the net takes, and one
// place that says how pixels enter it.
func imagesFitNet(e Experiment, c *checker) {
	layout, err := preprocess.Describe(e.Preprocess)
	if err != nil {
		return // stepsFitEachOther tells
	}
	if e.Model.Volumetric() {
		volumesFitNet(e, c, layout)
		return
	}
	if e.Model.Views != "shared" {
		layout = layout.In(len(e.Data.Views))
	}
	n := e.Model.Input.Seen(layout.Shape, layout.Slices).Channels
	if slices := e.Task(stage.Questions{}, nil).Slices; slices > 1 {
		n /= slices
		slicesFitNet(e, c, n)
	}
	if n != 1 && n != e.Model.Input.Channels {
		hint := fmt.Sprintf("write channels: %d", n)
		if len(e.Data.Views) > 1 && e.Model.Views != "shared" {
			hint += " and one mean and std for all, or model.views: shared"
		} else if preprocess.SlicesOf(e.Preprocess) > 1 {
			hint += " and one mean and std for all, or model.slices: attention"
		}
		c.fail("model.input.channels", fmt.Sprintf("the images have %d channels, the net takes %d", n, e.Model.Input.Channels), hint)
		return
	}
	if _, err := e.Model.Input.Follow(layout.Normalisation); err != nil {
		c.fail("model.input", err.Error(), "")
	}
}

// backboneFits wants images of a size that the backbone takes, and maps for the pooling.
func backboneFits(e Experiment, c *checker) {
	c.fault("model.pool", e.Model.PoolFits())
	if layout, err := preprocess.Describe(e.Preprocess); err == nil { // else stepsFitEachOther tells
		if !middleFits(e, c, layout) {
			return
		}
		_, err = e.Model.For(layout.Shape)
		c.fault("model.backbone", err)
	}
}

// backboneIsOdd warns of settings of a backbone that go badly together.
func backboneIsOdd(e Experiment, c *checker) {
	part, ok := e.Model.Backbone.Part.(interface {
		Doubt() (setting, text, hint string)
	})
	if !ok {
		return
	}
	if setting, text, hint := part.Doubt(); text != "" {
		c.warn(join("model.backbone."+e.Model.Backbone.Name, setting), text, hint)
	}
}

// weightsWantPixels warns where published weights are for other pixels than those that enter the net
// because nothing says how they do.
func weightsWantPixels(e Experiment, c *checker) {
	layout, err := preprocess.Describe(e.Preprocess)
	r, released := e.Model.Release()
	if err != nil || layout.Normalisation != nil || !released || r.Mean == nil || !e.Model.Input.IsDefault() {
		return
	}
	numbers := func(of []float64) string { return strings.ReplaceAll(strings.Trim(fmt.Sprint(of), "[]"), " ", ", ") }
	c.warn("model.input", fmt.Sprintf("the weights of %s are for pixels of mean %s and std %s", r.Word, numbers(r.Mean), numbers(r.Std)),
		fmt.Sprintf("write input: {mean: [%s], std: [%s]}", numbers(r.Mean), numbers(r.Std)))
}

// fault says what is wrong, if something is, with its hint.
func (c *checker) fault(path string, err error) {
	var f stage.Fault
	if errors.As(err, &f) {
		c.fail(path, f.Err.Error(), f.Hint)
	} else if err != nil {
		c.fail(path, err.Error(), "")
	}
}

// slicesFitNet wants slices with their neighbours to be what the net takes. each is the
// channels of one.
func slicesFitNet(e Experiment, c *checker, each int) {
	switch w := e.Model.SliceChannels; {
	case w == 1:
	case each != 1:
		c.fail("model.slice_channels", fmt.Sprintf("slices have %d channels already", each), "write slice_channels: 1")
	case w%2 == 0:
		c.fail("model.slice_channels", fmt.Sprintf("%d has no middle; want an odd number", w), "write slice_channels: 3")
	case w != e.Model.Input.Channels:
		c.fail("model.slice_channels", fmt.Sprintf("each slice has %d channels with its neighbours, the net takes %d", w, e.Model.Input.Channels), fmt.Sprintf("write slice_channels: %d, or 1", e.Model.Input.Channels))
	}
}

// slicesAreThere warns of settings for slices that no image has.
func slicesAreThere(e Experiment, c *checker) {
	switch {
	case e.Model.Slices == nil && e.Model.SliceChannels != 1:
		c.warn("model.slice_channels", "has no effect without model.slices", "write slices: attention, or remove it")
	case e.Model.Slices != nil && e.Task(stage.Questions{}, nil).Slices < 2:
		c.warn("model.slices", "has no effect: an image is one slice", "add - stack to preprocess, or remove it")
	}
}

// weighedTwice warns where two settings make up for the same unequal classes, and of weights that
// never count.
func weighedTwice(e Experiment, c *checker) {
	balance := e.Train.Balance
	weighed := balance.ClassWeights != "none"
	if epochs := epochsOf(e); weighed && balance.From > epochs {
		c.warn("train.balance.from", fmt.Sprintf("epoch %d never comes: the phases have %d together, and classes weigh alike in all of them", balance.From, epochs), "begin earlier, or remove class_weights")
	}
	if weighed && (balance.Sampling == "over" || balance.Sampling == "under") {
		c.warn("train.balance", "makes up for unequal classes twice: by class_weights and by sampling", "set one of them to none")
	}
	how := ""
	switch loss := e.Train.Loss.Part.(type) {
	case train.Focal:
		if loss.Alpha != "none" {
			how = "alpha of focal"
		}
	case train.ClassBalanced:
		how = "class_balanced"
	case train.LogitAdjusted:
		if how = "logit_adjusted"; balance.Sampling == "over" || balance.Sampling == "under" {
			c.warn("train.balance.sampling", "makes up for unequal classes a second time, after logit_adjusted", "set it to none, or take cross_entropy")
		}
	}
	if weighed && how != "" {
		c.warn("train.balance.class_weights", "weighs the classes a second time, after "+how, "set one of them to none")
	}
}

// lossIsWatched warns where the log loss steers a training whose own loss is about another
// number, as that of kappa is: the weights that are kept are then none of the good ones.
func lossIsWatched(e Experiment, c *checker) {
	own, is := e.Train.Loss.Part.(interface {
		Watch() (number, metric string)
	})
	if !is {
		return
	}
	number, metric := own.Watch()
	if number == "" {
		return
	}
	for _, s := range e.steering() {
		if s.number == "validation.loss" && !strings.HasPrefix(s.path, "sweep.") {
			c.warn(s.path, "validation.loss is the log loss, which "+e.Train.Loss.Name+" does not make small: weights would be kept by a number that says nothing about it",
				"monitor validation."+number+", with "+metric+" in evaluate.metrics")
		}
	}
}

// outputsCanDiffer warns of a last layer whose outputs all rank images alike under a
// loss that wants them to differ: only their biases would tell classes apart.
func outputsCanDiffer(e Experiment, c *checker) {
	classes := []string{"a", "b", "c"}
	if e.Model.Last == "shared" && e.Train.Task(stage.Questions{Classes: classes}).Each == len(classes) {
		c.warn("model.last", "under "+e.Train.Loss.Name+" all outputs rank images alike: they share their weights",
			"write last: linear, or take an ordinal loss such as coral")
	}
}

// viewsAreThere warns of a net for views that no sample has.
func viewsAreThere(e Experiment, c *checker) {
	if e.Model.Views == "shared" && len(e.Data.Views) < 2 {
		c.warn("model.views", "has no effect: samples are seen in one picture", "name several in data.views, or write views: channels")
	}
}

// schedulesFit warns of schedules that do not get to what they are for before
// the phase ends. A schedule says so itself by a method Fits.
func schedulesFit(e Experiment, c *checker) {
	for i, p := range e.Train.Phases {
		path := fmt.Sprintf("train.phases.%d.schedule.%s", i, p.Schedule.Name)
		found := scheduleFits(p.Schedule, p.Epochs)
		if s, ok := p.Schedule.Part.(interface{ Waits() int }); ok && p.Stop != nil && len(found) == 0 && s.Waits() >= p.Stop.Patience {
			found = append(found, registry.FieldProblem{Path: "patience", Text: fmt.Sprintf("has no effect: the phase stops after %d epochs without a better value", p.Stop.Patience), Hint: "choose less than stop.patience"})
		}
		for _, f := range found {
			c.warn(join(path, f.Path), f.Text, f.Hint)
		}
		if len(found) == 0 {
			rateMoves(e, c, path, p)
		}
		averagesSome(e, c, fmt.Sprintf("train.phases.%d.stop", i), p)
	}
}

// scheduleFits asks a schedule whether it gets to what it is for.
func scheduleFits(s registry.One[train.Schedule], epochs int) []registry.FieldProblem {
	if part, ok := s.Part.(interface {
		Fits(epochs int) []registry.FieldProblem
	}); ok {
		return part.Fits(epochs)
	}
	return nil
}

// averagesSome warns of a phase that may end before the epochs that swa averages.
func averagesSome(e Experiment, c *checker, path string, p train.Phase) {
	if e.Train.SWA == nil || p.Stop == nil {
		return
	}
	if first := e.Train.SWA.First(p); p.Stop.Patience < first-1 {
		c.warn(path, fmt.Sprintf("may end the phase before epoch %d, the first one whose weights swa averages", first), "give stop more patience, write swa: {from: 0}, or leave one of them out")
	}
}

// rateMoves warns of a schedule that leaves the rate as it is, or raises it where it
// should lower it, such as by a least rate above the phase's.
func rateMoves(e Experiment, c *checker, path string, p train.Phase) {
	if _, plain := p.Schedule.Part.(train.Constant); plain || p.Epochs == 1 {
		return
	}
	if _, free := e.Train.ScheduleFree(p); free {
		c.warn(path, "lowers a rate that schedule_free wants high to the end: its average takes the place of a falling rate", "write schedule: {constant: {warmup: 1}}, or take adamw")
		return
	}
	optimizer := e.Train.Optimizer.Part
	if p.Optimizer != nil {
		optimizer = p.Optimizer.Part
	}
	base, _ := optimizer.Settings()
	if p.Rate != nil {
		base = *p.Rate
	}
	const steps = 10
	all := rates(p, base, steps, stage.LowerBetter, stalled)
	for _, rate := range all {
		if rate != all[0] {
			return
		}
	}
	c.warn(path, fmt.Sprintf("has no effect: the rate is %.4g in all %d epochs", all[0], p.Epochs), "compare its settings with the rate of the phase")
}

// idleSettings warns of settings that another setting makes void.
func idleSettings(e Experiment, c *checker) {
	for _, f := range registry.Idle(e, c.says) {
		c.warn(f.Path, f.Text, f.Hint)
	}
}

// augmentationsWork warns of entries that begin after the last epoch of the run, and of
// those, and views, for slices or colours that no image has.
func augmentationsWork(e Experiment, c *checker) {
	epochs := epochsOf(e)
	slices := augment.Stack{Slices: preprocess.SlicesOf(e.Preprocess), Blind: e.Model.Blind(), Colours: preprocess.InColour(e.Preprocess)}
	for _, f := range e.Augment.Idle(epochs, slices) {
		c.warn(join("augment", f.Path), f.Text, f.Hint)
	}
	for _, f := range e.Train.TestTime.Idle(slices) {
		c.warn(join("train.test_time.views", f.Path), f.Text, f.Hint)
	}
}

// epochsOf are those of all phases.
func epochsOf(e Experiment) (n int) {
	for _, p := range e.Train.Phases {
		n += p.Epochs
	}
	return n
}

// stepsWork warns of preprocessing that has no effect, or a doubtful one.
func stepsWork(e Experiment, c *checker) {
	for _, f := range preprocess.Idle(e.Preprocess) {
		c.warn(join("preprocess", f.Path), f.Text, f.Hint)
	}
}
