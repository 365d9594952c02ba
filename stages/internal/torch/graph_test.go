package torch

import (
	"reflect"
	"strings"
	"testing"
)

// passes trains plain for some steps of two parts each, and gives losses and gradients.
// Passes are recorded before the given part of the third step, or never.
func passes(t *testing.T, e *Engine, record int64) (out []float32) {
	var st *Store
	do(t, e, func(s *Scope) { st = NewStore(s, 3) })
	defer st.Close()
	var leaves []Tensor
	do(t, e, func(s *Scope) {
		net := plain(s, st)
		for _, p := range st.Parameters {
			if !p.Buffer {
				leaves = append(leaves, p.Tensor)
			}
		}
		forward := func(s *Scope, x Tensor) Tensor { return net.Forward(&Pass{Scope: s, Train: true}, x) }
		x := s.Zeros(Float32, 4, 1, 16, 16)
		var g *Graph
		defer func() {
			if g != nil {
				g.Close(s)
			}
		}()
		for step := range 6 {
			s.FillNormal(x, 0, 1, uint64(step))
			s.ClearGrads(leaves)
			for part := range int64(2) {
				if record == part && step == 2 {
					var err error
					if g, err = s.RecordGraph(x, leaves, forward); err != nil {
						t.Error(err)
					}
				}
				out = append(out, onePass(s, g, x, part, forward))
			}
			for _, leaf := range leaves {
				out = append(out, s.Float32s(s.Grad(leaf))...)
			}
		}
		for _, p := range st.Parameters {
			out = append(out, s.Float32s(p.Tensor)...) // the running statistics
		}
	})
	return out
}

// onePass leaves nothing alive but gradients.
func onePass(s *Scope, g *Graph, x Tensor, label int64, forward func(*Scope, Tensor) Tensor) float32 {
	loss := s.Inner(func(s *Scope) Tensor {
		back := func(Tensor) {}
		if g != nil {
			forward, back = g.Forward, func(logits Tensor) { g.Backward(s, logits, false) }
		}
		logits := forward(s, x)
		loss := s.CrossEntropy(logits, s.FromInt64([]int64{0, 1, 2, label}, 4), Tensor{}, ReduceMean, 0)
		s.Backward(loss)
		back(logits)
		return s.Clone(loss)
	})
	return float32(s.Float64(loss))
}

const never = -1

func TestRecordedPassesOnCUDAGiveTheSameBits(t *testing.T) {
	e := openCUDA(t)
	want := passes(t, e, never)
	for part := range int64(2) {
		if got := passes(t, e, part); !reflect.DeepEqual(got, want) {
			t.Errorf("recorded before part %d: losses, gradients or statistics differ: %v, want %v", part, got[:8], want[:8])
		}
	}
}

// TestWhatCannotBeRecordedOnCUDA: it is refused in words, and training goes on.
func TestWhatCannotBeRecordedOnCUDA(t *testing.T) {
	e := openCUDA(t)
	for word, forward := range map[string]func(*Scope, Tensor) Tensor{
		"dropout":          func(s *Scope, x Tensor) Tensor { return Dropout{P: 0.5}.Forward(&Pass{Scope: s, Train: true}, x) },
		"numbers from the": func(s *Scope, x Tensor) Tensor { return s.Mul(x, s.FromFloat32([]float32{2}, 1)) },
	} {
		do(t, e, func(s *Scope) {
			if _, err := s.RecordGraph(s.Zeros(Float32, 4, 2), nil, forward); err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("got %v, want a word about %q", err, word)
			}
		})
	}
	if err := e.Do(t.Context(), func(s *Scope) error {
		_, err := s.RecordGraph(s.Zeros(Float32, 4, 2), nil, func(*Scope, Tensor) Tensor { panic("oh") })
		return err
	}); err == nil || !strings.Contains(err.Error(), "oh") {
		t.Errorf("a panic: got %v", err)
	}
	passes(t, e, 0)
}

// TestRecordingOnCUDAAgainKeepsNoMemory: phases and thawing layers record anew.
func TestRecordingOnCUDAAgainKeepsNoMemory(t *testing.T) {
	e := openCUDA(t)
	after := func(recordings int) (bytes int64) {
		for range recordings {
			passes(t, e, 0)
		}
		do(t, e, func(s *Scope) {
			m, err := s.ReadMemory()
			if err != nil {
				t.Error(err)
			}
			bytes = m.Allocated
		})
		return bytes
	}
	if first, last := after(2), after(8); last > first+1<<20 {
		t.Errorf("%d bytes are allocated after two recordings, %d after ten", first, last)
	}
}

func TestGraphWithoutCUDA(t *testing.T) {
	do(t, open(t), func(s *Scope) {
		g, err := s.RecordGraph(s.Zeros(Float32, 1), nil, func(_ *Scope, x Tensor) Tensor { return x })
		if g != nil || err == nil || !strings.Contains(err.Error(), "CUDA") {
			t.Errorf("got %v, %v", g, err)
		}
		if s.Float64(s.Zeros(Float32, 1)) != 0 || s.Err() != nil {
			t.Error("the scope does not go on: ", s.Err())
		}
	})
}
