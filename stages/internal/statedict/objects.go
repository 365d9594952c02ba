package statedict

import (
	"errors"
	"slices"
)

// tensor is a tensor's place in a storage.
type tensor struct {
	of     *storage
	offset int64
	shape  []int64
	stride []int64
	// negated tensors are stored with the other sign, as the imaginary part of a conjugate is.
	negated bool
}

// global names a class or a function.
func (u *unpickler) global() error {
	module, err := u.line()
	if err != nil {
		return err
	}
	name, err := u.line()
	if err != nil {
		return err
	}
	return u.push(global{module, name})
}

func (u *unpickler) stackGlobal() error {
	if len(u.stack) < 2 {
		return errStack
	}
	name, _ := u.pop()
	module, _ := u.pop()
	m, isModule := module.(string)
	n, isName := name.(string)
	if !isModule || !isName {
		return errors.New("the pickle names a class by what is no name")
	}
	return u.push(global{m, n})
}

// call stands for calling a function or making an object: of those that are known, the ones
// that make tensors and dictionaries.
func (u *unpickler) call() error {
	if len(u.stack) < 2 {
		return errStack
	}
	arguments, _ := u.pop()
	function, _ := u.pop()
	args, _ := arguments.(tuple)
	return u.made(function, args)
}

func (u *unpickler) callWithNames() error {
	if _, err := u.pop(); err != nil {
		return err
	}
	return u.call()
}

// instance makes an object of a class that two lines name, as protocol 0 does.
func (u *unpickler) instance() error {
	if err := u.global(); err != nil {
		return err
	}
	class, _ := u.pop()
	args, err := u.popMark()
	if err != nil {
		return err
	}
	return u.made(class, args)
}

func (u *unpickler) newObject() error {
	items, err := u.popMark()
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return errStack
	}
	return u.made(items[0], items[1:])
}

// build gives an object its state. That of a dictionary is its metadata.
func (u *unpickler) build() error {
	state, err := u.pop()
	if err != nil {
		return err
	}
	to, err := u.top()
	if o, ok := to.(*object); ok {
		o.state = state
	}
	return err
}

func (u *unpickler) persistent() error {
	id, err := u.pop()
	if err != nil {
		return err
	}
	v, err := u.file.storage(id)
	if err != nil {
		return err
	}
	return u.push(v)
}

// made pushes what a known function makes of its arguments.
func (u *unpickler) made(function any, args tuple) error {
	made, err := u.called(function, args)
	if err != nil {
		return err
	}
	return u.push(made)
}

func (u *unpickler) called(function any, args tuple) (any, error) {
	f, ok := function.(global)
	if !ok {
		return stranger{}, nil
	}
	switch f {
	case global{"torch._utils", "_rebuild_tensor"}, global{"torch._utils", "_rebuild_tensor_v2"}:
		return rebuilt(args)
	case global{"torch._utils", "_rebuild_parameter"}, global{"torch._utils", "_rebuild_parameter_with_state"}:
		if len(args) > 0 {
			return args[0], nil
		}
	case global{"torch._tensor", "_rebuild_from_type_v2"}, global{"torch._tensor", "_rebuild_from_type"}: // function, type, arguments, state
		inner, ok := at(args, 2).(tuple)
		if of, known := at(args, 0).(global); ok && known && of.module == "torch._utils" {
			return u.called(of, inner)
		}
	case global{"collections", "OrderedDict"}, global{"builtins", "dict"}, global{"__builtin__", "dict"}, global{"collections", "defaultdict"}:
		return u.ordered(args)
	}
	return &object{class: f}, nil
}

func at(args tuple, i int) any {
	if i < len(args) {
		return args[i]
	}
	return nil
}

// ordered is OrderedDict(pairs).
func (u *unpickler) ordered(args tuple) (*dict, error) {
	d := &dict{}
	pairs, ok := at(args, 0).(*list)
	if !ok {
		return d, nil
	}
	if err := u.file.spend(len(pairs.items)); err != nil {
		return nil, err
	}
	for _, p := range pairs.items {
		pair, ok := p.(tuple)
		if l, isList := p.(*list); isList {
			pair, ok = l.items, true
		}
		if ok && len(pair) == 2 {
			d.update(pair)
		}
	}
	return d, nil
}

// rebuilt is _rebuild_tensor_v2(storage, offset, shape, stride, requires_grad, hooks,
// metadata), of which older files lack the last ones.
func rebuilt(args tuple) (any, error) {
	of, isStorage := at(args, 0).(*storage)
	offset, isOffset := at(args, 1).(int64)
	shape, isShape := numbers(at(args, 2))
	stride, isStride := numbers(at(args, 3))
	if !isStorage {
		return stranger{}, nil
	}
	if !isOffset || !isShape || !isStride || len(shape) != len(stride) {
		return nil, errors.New("a tensor is described in another way than is known here")
	}
	return &tensor{of, offset, shape, stride, isNegated(at(args, 6))}, nil
}

func isNegated(metadata any) bool {
	d, ok := metadata.(*dict)
	if !ok {
		return false
	}
	i := slices.Index(d.keys, any("neg"))
	return i >= 0 && d.values[i] == any(true)
}

// mostDimensions is what PyTorch's operations take.
const mostDimensions = 64

// numbers are those of a tuple, or of what is made of one: torch.Size.
func numbers(v any) ([]int64, bool) {
	items, ok := v.(tuple)
	if !ok || len(items) > mostDimensions {
		return nil, false
	}
	out := make([]int64, len(items))
	for i, item := range items {
		if out[i], ok = item.(int64); !ok {
			return nil, false
		}
	}
	return out, true
}
