package evaluate

import "sync"

// memo keeps what is worked out of predictions, so that metrics share it and
// the resamples of a bootstrap do not work it out again.
type memo struct {
	mu sync.RWMutex
	by map[any]any
}

func newMemo() *memo { return &memo{by: map[any]any{}} }

// once gives what compute gave when it was first asked for by that key; without
// a memo it computes. Two goroutines that are first at the same time may both
// compute, and must not change what they get.
func once[T any](m *memo, key any, compute func() T) T {
	if m == nil {
		return compute()
	}
	m.mu.RLock()
	v, known := m.by[key]
	m.mu.RUnlock()
	if known {
		return v.(T)
	}
	fresh := compute()
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, known := m.by[key]; known {
		return v.(T)
	}
	m.by[key] = fresh
	return fresh
}
