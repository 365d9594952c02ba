package experiments

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
)

// LeftOut stands in a portable experiment where a path must be.
const LeftOut registry.Path = "left-out"

// Portable is what of an experiment may leave the machine: it has no path, names no study,
// series and row, and no sweep, soft labels, pseudo-labels and pretraining, which predicting needs none of. What its nets make of images is all there. left says which
// settings were left out.
func Portable(e Experiment) (out Experiment, left []string) {
	say := func(setting string, there bool) {
		if there {
			left = append(left, setting)
		}
	}
	say("sweep", e.Sweep != nil)
	e.Sweep = nil
	say("train.soft_labels", e.Train.SoftLabels != nil)
	e.Train.SoftLabels = nil
	say("data.pseudo_labels", e.Data.PseudoLabels != nil)
	e.Data.PseudoLabels = nil
	say("pretrain", e.Pretrain != nil)
	e.Pretrain = nil
	out = registry.MapPaths(e, func(setting string, _ registry.Path, required bool) registry.Path {
		say(setting, true)
		if required {
			return LeftOut
		}
		return ""
	})
	for _, one := range []struct {
		setting string
		wanted  *audit.Wanted
	}{{"data.drop", &out.Data.Drop}, {"data.keep", &out.Data.Keep}} {
		say(one.setting, len(one.wanted.Studies)+len(one.wanted.Series)+len(one.wanted.Rows) > 0)
		*one.wanted = audit.Wanted{}
	}
	return out, left
}

// Texts are the texts that a value of settings holds, by their settings: what somebody wrote
// who may have named a patient.
func Texts(v any) map[string]string {
	out := map[string]string{}
	collectTexts("", registry.Encode(v), out)
	return out
}

func collectTexts(at string, n *yaml.Node, out map[string]string) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i].Value
			out[join(at, name)+" (name)"] = name
			collectTexts(join(at, name), n.Content[i+1], out)
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			collectTexts(join(at, fmt.Sprint(i)), item, out)
		}
	case yaml.ScalarNode:
		if n.Tag == "!!str" && n.Value != "" {
			out[at] = n.Value
		}
	}
}
