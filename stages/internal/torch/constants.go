package torch

// Constants are tensors that modules compute with and no file holds, such as indices. Each is
// made when a pass first asks for it, and lives as long as the store.
type Constants struct {
	store *Store
	made  map[string]Tensor
}

// Constants are those of the net, which its modules share.
func (p Path) Constants() *Constants { return p.store.constants }

// Get gives the constant of a name, which says all that it depends on.
func (c *Constants) Get(s *Scope, name string, make func(*Scope) Tensor) Tensor {
	if t, ok := c.made[name]; ok || s.err != nil {
		return t
	}
	t := s.Untraced(func() Tensor { return make(s) })
	if s.err == nil {
		c.made[name] = s.Move(t, c.store.scope)
	}
	return t
}
