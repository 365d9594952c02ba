package model

import (
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/torch"
)

// The groups that every model has, whatever its backbone.
const (
	All      = "all"      // every parameter
	TheHead  = "head"     // the head's layers and the last, linear one
	BackBone = "backbone" // every parameter but the head's
)

// Groups lists the words that a phase may name, from stem to head, without
// building anything.
func Groups(cfg Config) []string {
	if cfg.Backbone.Part == nil {
		return nil
	}
	groups := append([]string{}, cfg.Backbone.Part.Groups()...)
	if cfg.Lora != nil {
		return append(groups, TheHead, TheLora, BackBone, All)
	}
	return append(groups, TheHead, BackBone, All)
}

// Selects says whether a group or pattern holds a parameter. "layer4.1" holds what
// begins with it up to a dot; with *, ? or [a-z] a word is a pattern over such
// beginnings and whole names, in which * stands for any signs, dots among them:
// "layer4.*", "*.bn2", "*.bias".
func Selects(pattern, name string) bool {
	inHead := torch.Matches("head", name) || torch.Matches("fc", name)
	switch {
	case pattern == All:
		return true
	case pattern == TheHead:
		return inHead
	case pattern == BackBone:
		return !inHead
	case pattern == TheLora:
		return isLora(name)
	case IsPattern(pattern):
		return matchesBeginning(pattern, name)
	}
	return torch.Matches(pattern, name)
}

// IsPattern says whether a word is a pattern and not a group.
func IsPattern(word string) bool { return strings.ContainsAny(word, "*?[") }

func matchesBeginning(pattern, name string) bool {
	for i := range len(name) + 1 {
		if i == len(name) || name[i] == '.' {
			if ok, err := path.Match(pattern, name[:i]); ok && err == nil {
				return true
			}
		}
	}
	return false
}

// within says whether a group that shares a parameter with another is the narrower
// one: all, then backbone and head, then what names layers, the longest last, and lora at
// the end.
func within(group, other string) bool {
	width := func(g string) int {
		switch g {
		case TheLora:
			return math.MaxInt
		case All:
			return -2
		case BackBone, TheHead:
			return -1
		}
		return len(g)
	}
	return width(group) > width(other)
}

// LayerNames are the groups that no other group is a part of, from stem to head.
func LayerNames(groups []string) (out []string) {
	for i, g := range groups {
		if g == All || g == BackBone || g == TheLora || i+1 < len(groups) && strings.HasPrefix(groups[i+1], g+".") {
			continue
		}
		out = append(out, g)
	}
	return out
}

// Blocks are the repeated pieces of a backbone, from stem to head: layer4.1, or
// features.7.2 of nets that also have a stem, transitions and a last layer in features.
func Blocks(groups []string) (out []string) {
	deepest := 1
	for _, g := range LayerNames(groups) {
		switch depth := strings.Count(g, "."); {
		case depth > deepest:
			deepest, out = depth, []string{g}
		case depth == deepest:
			out = append(out, g)
		}
	}
	return out
}

// From are the layers from the n-th last block to the head, with what lies behind it and
// between.
func From(groups []string, n int) []string {
	layers, blocks := LayerNames(groups), Blocks(groups)
	if len(blocks) == 0 {
		return []string{TheHead}
	}
	return layers[slices.Index(layers, blocks[max(0, len(blocks)-n)]):]
}

// Narrowest picks the group or pattern that says most closely which parameter is
// meant, of those that hold it; "" for none.
func Narrowest(words []string, name string) (narrowest string) {
	for _, w := range words {
		if Selects(w, name) && (narrowest == "" || within(w, narrowest) || !within(narrowest, w) && w < narrowest) {
			narrowest = w
		}
	}
	return narrowest
}

// stagedGroups are those of nets that torchvision numbers as features: the stem, and in turn
// the blocks of a stage and what leads to the next one.
func stagedGroups(stages [4]int) []string {
	groups := []string{"features", "features.0"}
	for i, blocks := range stages {
		stage := "features." + strconv.Itoa(2*i+1)
		groups = append(groups, stage)
		for j := range blocks {
			groups = append(groups, stage+"."+strconv.Itoa(j))
		}
		if i+1 < len(stages) {
			groups = append(groups, "features."+strconv.Itoa(2*i+2))
		}
	}
	return groups
}
