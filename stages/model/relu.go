package model

import "vertebra/stages/internal/torch"

func init() { Layers.Add("relu", "sets negative features to zero", ReLU{}) }

// ReLU is max(x, 0).
type ReLU struct{}

// Build has nothing to make.
func (ReLU) Build(_ torch.Path, in int64) (torch.Module, int64) { return torch.ReLU, in }
