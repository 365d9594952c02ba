package statedict

import (
	"errors"
	"fmt"
	"slices"

	"vertebra/stages/internal/safetensors"
)

// deepest is how far dictionaries may lie in one another.
const deepest = 64

// walk collects the dictionaries of tensors.
type walk struct {
	file  *file
	seen  map[any]bool // a pickle may hold a dictionary twice, or in itself
	dicts []Dict
	depth int
}

// visit finds the dictionaries in a value, the outer ones first.
func (w *walk) visit(path string, value any) error {
	if !holds(value) || w.seen[value] || w.depth > deepest {
		return nil
	}
	w.seen[value] = true
	names, values, err := w.entries(value)
	if err != nil {
		return err
	}
	w.depth++
	defer func() { w.depth-- }()
	if o, ok := value.(*object); ok {
		return w.net(path, o)
	}
	found, at := Dict{Path: path, Tensors: map[string]safetensors.Tensor{}}, len(w.dicts)
	for i, name := range names {
		if t, ok := values[i].(*tensor); ok {
			if err := w.add(&found, name, t); err != nil {
				return err
			}
		}
	}
	for i, name := range names {
		if err := w.visit(joined(path, name), values[i]); err != nil {
			return err
		}
	}
	if len(found.Tensors) > 0 {
		w.dicts = slices.Insert(w.dicts, at, found)
	}
	return nil
}

// holds says whether a value is one that has entries.
func holds(value any) bool {
	switch value.(type) {
	case *dict, *object:
		return true
	}
	return false
}

// entries are those of a dictionary, or of an object's attributes, that have a text for a key.
func (w *walk) entries(value any) (names []string, values []any, err error) {
	d, ok := value.(*dict)
	if o, isObject := value.(*object); isObject {
		d, ok = o.attributes(), true
	}
	if !ok || d == nil {
		return nil, nil, nil
	}
	if err := w.file.spend(len(d.keys)); err != nil {
		return nil, nil, err
	}
	for i, key := range d.keys {
		if name, ok := key.(string); ok {
			names, values = append(names, name), append(values, d.values[i])
		}
	}
	return names, values, nil
}

// attributes are an object's state; where its class has slots, that is a pair of which the
// first are the others. nil of an object whose class makes of its state what it likes.
func (o *object) attributes() *dict {
	state := o.state
	if pair, ok := state.(tuple); ok && len(pair) == 2 {
		state = pair[0]
	}
	d, _ := state.(*dict)
	return d
}

// net gives the tensors of a module that was saved as a whole, by the names that its
// state_dict has: those of its _parameters and _buffers, and of its _modules.
func (w *walk) net(path string, o *object) error {
	found := Dict{Path: path, Tensors: map[string]safetensors.Tensor{}}
	if err := w.module(&found, "", o, 0); err != nil || len(found.Tensors) == 0 {
		return err
	}
	w.dicts = append(w.dicts, found)
	return nil
}

func (w *walk) module(into *Dict, prefix string, value any, depth int) error {
	o, ok := value.(*object)
	if !ok || depth > deepest || depth > 0 && w.seen[o] {
		return nil
	}
	w.seen[o] = true
	if depth > 0 { // a module may be at two places, as long as it is not in itself
		defer delete(w.seen, o)
	}
	parts, inner, err := w.entries(o)
	if err != nil {
		return err
	}
	for i, part := range parts {
		names, values, err := w.entries(inner[i])
		if err != nil {
			return err
		}
		for k, name := range names {
			err := error(nil)
			switch t, isTensor := values[k].(*tensor); {
			case part == "_modules":
				err = w.module(into, prefix+name+".", values[k], depth+1)
			case isTensor && (part == "_parameters" || part == "_buffers"):
				err = w.add(into, prefix+name, t)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// add reads a tensor, unless it is of whole numbers.
func (w *walk) add(into *Dict, name string, t *tensor) error {
	if dtypes[t.of.kind] == "" {
		return nil
	}
	numbers, err := w.file.floats(t.of)
	if err == nil {
		into.Tensors[name], err = w.laidOut(t, numbers)
		into.Names = append(into.Names, name)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", joined(into.Path, name), err)
	}
	return nil
}

var errShared = errors.New("its tensors share what is stored so often that they are larger than the file")

// laidOut takes a tensor's numbers out of its storage, in the order of its dimensions.
func (w *walk) laidOut(t *tensor, stored []float32) (out safetensors.Tensor, err error) {
	if slices.Contains(t.shape, 0) {
		return safetensors.Tensor{Shape: slices.Clone(t.shape)}, nil
	}
	n, last, most := int64(1), t.offset, int64(len(stored))
	for i, size := range t.shape {
		switch {
		case size == 1: // its stride may be anything
			continue
		case size < 0 || t.stride[i] < 0 || t.stride[i] > 0 && size-1 > most/t.stride[i]:
			return out, fmt.Errorf("its shape %v is more than is stored", t.shape)
		case n > int64(w.file.budget)/size: // of an expanded tensor, whose stride is 0, too
			return out, errShared
		}
		n *= size
		last += (size - 1) * t.stride[i]
	}
	if t.offset < 0 || last < 0 || last >= most {
		return out, fmt.Errorf("its shape %v is more than is stored", t.shape)
	}
	if w.file.budget -= int(n); w.file.budget < 0 {
		return out, errShared
	}
	out = safetensors.Tensor{Shape: slices.Clone(t.shape), Data: make([]float32, 0, n)}
	gather(&out, stored, t.stride, t.offset, 0)
	if t.negated {
		for i, v := range out.Data {
			out.Data[i] = -v
		}
	}
	return out, nil
}

func gather(out *safetensors.Tensor, stored []float32, stride []int64, at int64, dimension int) {
	if dimension == len(out.Shape) {
		out.Data = append(out.Data, stored[at])
		return
	}
	if dimension == len(out.Shape)-1 && stride[dimension] == 1 {
		out.Data = append(out.Data, stored[at:at+out.Shape[dimension]]...)
		return
	}
	for i := range out.Shape[dimension] {
		gather(out, stored, stride, at+i*stride[dimension], dimension+1)
	}
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
