package experiments

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/train"
)

// phaseGroups wants every group and pattern to hold parameters of the model.
func phaseGroups(e Experiment, c *checker) {
	net := e.outline()
	for i, p := range e.Train.Phases {
		at := fmt.Sprintf("train.phases.%d.", i)
		for j, word := range p.Train {
			path := fmt.Sprintf("%strain.%d", at, j)
			if slices.Contains(p.Train[:j], word) {
				c.fail(path, fmt.Sprintf("group %q is named twice", word), "remove one of them")
				continue
			}
			groupExists(e, c, path, word, net)
		}
		if blocks := model.Blocks(net.Groups); p.LastBlocks > len(blocks) {
			c.fail(at+"last_blocks", fmt.Sprintf("%s has %d blocks", e.Model.Backbone.Name, len(blocks)), "train: [all] trains all")
		}
		groupKeys(e, c, at+"factors", slices.Sorted(maps.Keys(p.Factors)), net)
		groupKeys(e, c, at+"optimizers", slices.Sorted(maps.Keys(p.Optimizers)), net)
	}
	groupKeys(e, c, "train.decay.l2", slices.Sorted(maps.Keys(e.Train.Decay.L2)), net)
}

// groupKeys wants the keys of a setting by group to be groups of the model.
func groupKeys(e Experiment, c *checker, path string, words []string, net model.Outline) {
	for _, word := range words {
		groupExists(e, c, path+"."+word, word, net)
	}
}

func groupExists(e Experiment, c *checker, at, word string, net model.Outline) {
	_, broken := path.Match(word, "")
	switch {
	case slices.Contains(net.Groups, word) || broken == nil && net.Holds(word):
	case broken != nil:
		c.fail(at, fmt.Sprintf("the pattern %q has a [ without its ]", word), "")
	case word == model.TheLora:
		c.fail(at, "the model has no lora", "write model: {lora: {}}")
	case model.IsPattern(word):
		c.fail(at, fmt.Sprintf("no parameter of %s has a name like %q", e.Model.Backbone.Name, word), patternHint(word, net))
	default:
		c.fail(at, fmt.Sprintf("%s has no group %q", e.Model.Backbone.Name, word), registry.Suggest(word, net.Groups))
	}
}

// patternHint finds what a pattern may have meant: each of its pieces between dots
// should be, or be like, a piece of a name.
func patternHint(pattern string, net model.Outline) string {
	known := map[string]bool{}
	for _, p := range net.Parameters {
		for piece := range strings.SplitSeq(p.Name, ".") {
			known[piece] = true
		}
	}
	for piece := range strings.SplitSeq(pattern, ".") {
		if !model.IsPattern(piece) && !known[piece] {
			return registry.Suggest(piece, slices.Sorted(maps.Keys(known)))
		}
	}
	return "names are torchvision's, such as " + net.Parameters[0].Name
}

// neverTrained warns of groups that keep the random values they began with.
func neverTrained(e Experiment, c *checker) {
	if e.Model.Backbone.Part.File() != "" {
		return
	}
	net := e.outline()
	var left []string
	for _, group := range net.Groups {
		if !strings.Contains(group, ".") && group != model.All && group != model.BackBone && group != model.TheLora && !trains(e, net, group) {
			left = append(left, group)
		}
	}
	if len(left) > 0 {
		c.warn("train.phases", "no phase trains "+strings.Join(left, ", ")+", and nothing is loaded into them: they stay random",
			"train all, or give the backbone weights")
	}
}

// trains says whether some phase trains a group or a part of it.
func trains(e Experiment, net model.Outline, group string) bool {
	for _, p := range e.Train.Phases {
		selected := p.Trains(net.Groups, p.Epochs)
		for _, parameter := range net.Parameters {
			if !parameter.Buffer && model.Selects(group, parameter.Name) && !model.Selects(model.TheLora, parameter.Name) && selected(parameter.Name) {
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
		for _, setting := range []string{"from", "optimizer_state"} {
			if i == 0 && c.says(path+setting) {
				c.warn(path+setting, "has no effect: there is no phase before the first", "remove it")
			}
		}
		if i+1 < len(e.Train.Phases) && c.says(path+"keep") && p.Keep != e.Train.Phases[i+1].From {
			c.warn(path+"keep", fmt.Sprintf("has no effect: the next phase begins from %q", e.Train.Phases[i+1].From), "set from of the next phase")
		}
		if p.Stop != nil && p.Stop.Patience >= p.Epochs {
			c.warn(path+"stop.patience", fmt.Sprintf("has no effect: the phase ends after epoch %d", p.Epochs), "choose fewer than epochs, or remove stop")
		}
		idleViews(e, c, path, p)
		idleUnfreezing(e, c, path, p)
	}
}

func idleViews(e Experiment, c *checker, path string, p train.Phase) {
	switch {
	case p.Views == 0:
	case len(e.Augment) == 0:
		c.warn(path+"views", "has no effect: nothing is augmented", "remove it")
	case p.Views >= p.Epochs:
		c.warn(path+"views", fmt.Sprintf("has no effect: the phase ends after epoch %d, so no view is shown again", p.Epochs), "choose fewer than epochs, or remove it")
	}
}

// idleUnfreezing warns of unfreezing that comes too late, or that ends early.
func idleUnfreezing(e Experiment, c *checker, path string, p train.Phase) {
	if p.Unfreeze == nil {
		return
	}
	groups := model.Groups(e.Model)
	switch first, last := p.Words(groups, 1), p.Words(groups, p.Epochs); {
	case p.Unfreeze.Every >= p.Epochs:
		c.warn(path+"unfreeze.every", fmt.Sprintf("has no effect: the phase ends after epoch %d", p.Epochs), "choose fewer than epochs, or remove unfreeze")
	case len(first) == len(last):
		c.warn(path+"unfreeze", "has no effect: everything is trained from the beginning", "remove it, or train less")
	}
}
