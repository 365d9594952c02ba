package model

import "vertebra/stages/internal/torch"

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
	return append(append([]string{}, cfg.Backbone.Part.Groups()...), TheHead, BackBone, All)
}

// Selects says whether a group holds a parameter: "layer4.1" holds what begins
// with it up to a dot.
func Selects(group, name string) bool {
	inHead := torch.Matches("head", name) || torch.Matches("fc", name)
	switch group {
	case All:
		return true
	case TheHead:
		return inHead
	case BackBone:
		return !inHead
	}
	return torch.Matches(group, name)
}
