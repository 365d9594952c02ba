package experiments

import (
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// formerly says what a word of an older version of this program is called now; "" of others.
func formerly(p registry.Problem) string {
	switch {
	case p.Text == `no schedule "plateau"`:
		return "older versions called plateau_keras so; plateau_pytorch waits an epoch longer"
	case p.Text == `no metric "subgroups"`:
		return "it is a setting beside metrics: evaluate: {subgroups: [condition, level]}"
	case p.Text == `"image" is not a known word` && strings.HasSuffix(p.Path, ".window.scope"):
		return "older versions called crop so"
	}
	return ""
}

// What stored experiments of older programs mean where today's words or defaults mean something
// else. A setting that an older program did not know has its default now, which is what that
// program did, but for those below.
var olderMeanings = []func(root *yaml.Node){keptPadding, splitBySeed, plateauOfKeras, windowOfCrop, oneStratum, subgroupsAsMetric}

// inWordsOfNow writes a stored experiment as this program would have: what was trained is asked in
// the way it was trained. A text that means the same today, or nothing, stays as it is.
func inWordsOfNow(text string) string {
	var tree yaml.Node
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil || len(tree.Content) != 1 {
		return text // reading it tells what is wrong
	}
	before, err := yaml.Marshal(&tree)
	if err != nil {
		return text
	}
	for _, mend := range olderMeanings {
		mend(tree.Content[0])
	}
	if after, err := yaml.Marshal(&tree); err == nil && string(after) != string(before) {
		return string(after)
	}
	return text
}

// keptPadding: decode left padding pixels of DICOM files what they are before it had a setting
// for them.
func keptPadding(root *yaml.Node) {
	for _, step := range items(at(root, "preprocess")) {
		if step.Value == "decode" {
			*step = *pair("decode", &yaml.Node{Kind: yaml.MappingNode})
		}
		if decode := at(step, "decode"); decode != nil && at(decode, "padding") == nil {
			put(decode, "padding", "keep")
		}
	}
}

// splitBySeed: splits were drawn by the seed of the experiment before they had one of their own.
func splitBySeed(root *yaml.Node) {
	split, seed := at(root, "data", "split"), at(root, "seed")
	if split != nil && seed != nil && at(split, "seed") == nil {
		put(split, "seed", seed.Value)
	}
}

// plateauOfKeras: the schedule plateau was Keras' before there was PyTorch's.
func plateauOfKeras(root *yaml.Node) {
	for _, phase := range items(at(root, "train", "phases")) {
		schedule := at(phase, "schedule")
		if schedule == nil {
			continue
		}
		for _, name := range append([]*yaml.Node{schedule}, schedule.Content...) {
			if name.Kind == yaml.ScalarNode && name.Value == "plateau" {
				name.Value = "plateau_keras"
			}
		}
	}
}

// windowOfCrop: the scope crop was called image.
func windowOfCrop(root *yaml.Node) {
	for _, step := range items(at(root, "preprocess")) {
		if scope := at(step, "window", "scope"); scope != nil && scope.Value == "image" {
			scope.Value = "crop"
		}
	}
}

// oneStratum: there was one column to stratify by, not a list of them.
func oneStratum(root *yaml.Node) {
	stratify := at(root, "data", "split", "stratify")
	if stratify == nil || stratify.Kind != yaml.ScalarNode || stratify.Tag == "!!null" {
		return
	}
	column := *stratify
	*stratify = yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	if column.Value != "" {
		stratify.Content = []*yaml.Node{&column}
	}
}

// subgroupsAsMetric: evaluate.subgroups was a metric with tags of its own.
func subgroupsAsMetric(root *yaml.Node) {
	metrics := at(root, "evaluate", "metrics")
	for i, metric := range items(metrics) {
		tags := at(metric, "subgroups", "tags")
		if tags == nil {
			continue
		}
		metrics.Content = append(metrics.Content[:i:i], metrics.Content[i+1:]...)
		evaluate := at(root, "evaluate")
		evaluate.Content = append(evaluate.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "subgroups"}, tags)
		return
	}
}

// at follows the keys of maps; nil where one is not there.
func at(n *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		var next *yaml.Node
		if n != nil && n.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == key {
					next = n.Content[i+1]
				}
			}
		}
		n = next
	}
	return n
}

// items are those of a list.
func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

func put(m *yaml.Node, key, value string) {
	if m.Kind == yaml.MappingNode {
		m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, &yaml.Node{Kind: yaml.ScalarNode, Value: value})
	}
}

func pair(key string, value *yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: key}, value}}
}
