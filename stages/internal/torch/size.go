package torch

// NewOutlineStore makes a store whose parameters have names and shapes, and no
// tensors: what a net consists of can be asked without a device.
func NewOutlineStore() *Store {
	st := emptyStore()
	st.outline = true
	return st
}

// NewBlankStore makes a store whose parameters are all zero: for finding out
// what a net consists of, which is much quicker than drawing its weights.
func NewBlankStore(s *Scope) *Store {
	st := NewStore(s, 0)
	st.blank = true
	return st
}

// Elements is how many numbers the scope's tensors hold together. A view counts
// like a tensor of its own.
func (s *Scope) Elements() int64 {
	var n int64
	for _, h := range s.owned {
		n += int64(s.Describe(Tensor{h}).Elements())
	}
	return n
}
