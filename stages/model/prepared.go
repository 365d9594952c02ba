package model

import (
	"maps"
	"slices"
	"strings"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
)

// renamed gives the tensors of a file by other names. Of two that would have the same one, the
// first has it.
func renamed(d statedict.Dict, other func(string) string) statedict.Dict {
	out := statedict.Dict{Path: d.Path, Tensors: map[string]safetensors.Tensor{}}
	for _, name := range inOrder(d) {
		to := other(name)
		if _, taken := out.Tensors[to]; taken {
			continue
		}
		out.Tensors[to], out.Names = d.Tensors[name], append(out.Names, to)
	}
	return out
}

// inOrder are the names of the tensors in the order of the file, where it has one.
func inOrder(d statedict.Dict) []string {
	if d.Names != nil {
		return d.Names
	}
	return slices.Sorted(maps.Keys(d.Tensors))
}

// joinedAttention puts queries, keys and values of Hugging Face's layers into one tensor, as timm's
// qkv: rows of queries, of keys, of values.
func joinedAttention(d statedict.Dict) statedict.Dict {
	out := statedict.Dict{Path: d.Path, Tensors: map[string]safetensors.Tensor{}}
	add := func(name string, t safetensors.Tensor) { out.Tensors[name], out.Names = t, append(out.Names, name) }
	for _, name := range inOrder(d) {
		before, after, first := strings.Cut(name, ".attention.query.")
		if !first {
			before, after = cutAny(name, ".attention.key.", ".attention.value.")
		}
		switch of := attentionOf(d, before, after); {
		case of == nil:
			add(name, d.Tensors[name])
		case first:
			add(before+".attention.qkv."+after, stacked(of))
		}
	}
	return out
}

func cutAny(name string, by ...string) (before, after string) {
	for _, word := range by {
		if before, after, found := strings.Cut(name, word); found {
			return before, after
		}
	}
	return name, ""
}

// attentionOf are queries, keys and values of a layer; nil unless all are there, of one shape.
func attentionOf(d statedict.Dict, before, after string) (all []safetensors.Tensor) {
	for _, word := range []string{"query", "key", "value"} {
		t, there := d.Tensors[before+".attention."+word+"."+after]
		if !there || len(t.Shape) == 0 || len(all) > 0 && !slices.Equal(t.Shape, all[0].Shape) {
			return nil
		}
		all = append(all, t)
	}
	return all
}

// stacked puts the rows of tensors below one another.
func stacked(all []safetensors.Tensor) safetensors.Tensor {
	out := safetensors.Tensor{Shape: slices.Clone(all[0].Shape)}
	out.Shape[0] *= int64(len(all))
	for _, t := range all {
		out.Data = append(out.Data, t.Data...)
	}
	return out
}
