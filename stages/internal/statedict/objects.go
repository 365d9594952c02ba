package statedict

import "errors"

// tensor is a tensor's place in a storage.
type tensor struct {
	of     *storage
	offset int64
	shape  []int64
	stride []int64
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
	made, err := called(function, args)
	if err != nil {
		return err
	}
	return u.push(made)
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
	made, err := called(class, args)
	if err != nil {
		return err
	}
	return u.push(made)
}

func (u *unpickler) newObject() error {
	items, err := u.popMark()
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return errStack
	}
	made, err := called(items[0], items[1:])
	if err != nil {
		return err
	}
	return u.push(made)
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
	v, err := u.load(id)
	if err != nil {
		return err
	}
	return u.push(v)
}

// called is what a known function makes of its arguments.
func called(function any, args tuple) (any, error) {
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
	case global{"torch._tensor", "_rebuild_from_type_v2"}: // function, type, arguments, state
		if inner, ok := at(args, 2).(tuple); ok && at(args, 0) != function {
			return called(args[0], inner)
		}
	case global{"collections", "OrderedDict"}, global{"builtins", "dict"}, global{"__builtin__", "dict"}, global{"collections", "defaultdict"}:
		return ordered(args), nil
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
func ordered(args tuple) *dict {
	d := &dict{}
	pairs, ok := at(args, 0).(*list)
	if !ok {
		return d
	}
	for _, p := range pairs.items {
		switch pair := p.(type) {
		case tuple:
			d.update(pair)
		case *list:
			d.update(pair.items)
		}
	}
	return d
}

// rebuilt is _rebuild_tensor_v2(storage, offset, shape, stride, ...).
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
	return &tensor{of, offset, shape, stride}, nil
}

// numbers are those of a tuple, or of what is made of one: torch.Size.
func numbers(v any) ([]int64, bool) {
	items, ok := v.(tuple)
	if !ok {
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
