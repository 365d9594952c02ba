package torch

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTrace: a script gives what was traced for batches of any size, also from its file,
// with numbers of the host as constants that it holds.
func TestTrace(t *testing.T) {
	e, path := open(t), filepath.Join(t.TempDir(), "net.pt")
	do(t, e, func(s *Scope) {
		weight := s.FromFloat32([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
		forward := func(x Tensor) []Tensor { // of x_(B,6), two rows each
			y := s.MatMul(s.Reshape(x, -1, 2), weight) // (3·B, 3)
			y = s.Mul(y, s.FromFloat32([]float32{1, 10, 100}, 1, 3))
			return []Tensor{s.Reshape(y, s.Describe(x).Shape[0], 9), s.ReLU(x)}
		}
		x := s.FromFloat32([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 2, 6)
		script, err := s.Trace([]Named{{"x", x}}, []Named{{"layer.0.weight", weight}}, func() []Tensor { return forward(x) })
		if err != nil {
			t.Fatal(err)
		}
		defer script.Free()
		for _, part := range []string{`"name":"layer.0.weight","shape":[2,3],"dtype":6`, `"op":"aten::matmul"`, `"name":"constants.c0","shape":[1,3]`} {
			if !strings.Contains(script.Graph(), part) {
				t.Errorf("no %s in %s", part, script.Graph())
			}
		}
		if got := s.Float64s(script.Tensor(s, 1)); !slices.Equal(got, s.Float64s(weight)) {
			t.Errorf("the weight is %v", got)
		}
		if err := script.Save(path, map[string]string{"key": "value"}); err != nil {
			t.Fatal(err)
		}
		read, extra, err := LoadScript(path, "key", "other")
		if err != nil || len(extra) != 1 || extra["key"] != "value" {
			t.Fatal(extra, err)
		}
		defer read.Free()
		x = s.FromFloat32([]float32{-1, 2, 0, 4, -5, 6}, 1, 6)
		for i, want := range forward(x) {
			for _, which := range []*Script{script, read} {
				if got := s.Float64s(which.Forward(s, []Tensor{x}, 2)[i]); !slices.Equal(got, s.Float64s(want)) {
					t.Errorf("output %d is %v, want %v", i, got, s.Float64s(want))
				}
			}
		}
	})
}

// TestTraceEndsWhateverHappens: after a failure nothing is recorded any more.
func TestTraceEndsWhateverHappens(t *testing.T) {
	e := open(t)
	do(t, e, func(s *Scope) {
		x := s.FromFloat32([]float32{1, 2}, 2)
		trace := func(forward func() []Tensor) error {
			script, err := s.Trace([]Named{{"x", x}}, nil, forward)
			if err == nil {
				script.Free()
			}
			return err
		}
		if err := trace(func() []Tensor { return []Tensor{{}} }); !errors.Is(err, errStale) {
			t.Errorf("without an output: %v", err)
		}
		if err := trace(func() []Tensor { return []Tensor{s.Add(x, x)} }); err != nil {
			t.Errorf("after it: %v", err)
		}
	})
	if err := e.Do(t.Context(), func(s *Scope) error {
		x := s.FromFloat32([]float32{1, 2}, 2)
		_, err := s.Trace([]Named{{"x", x}}, nil, func() []Tensor { panic("a mistake") })
		return err
	}); err == nil || !strings.Contains(err.Error(), "a mistake") {
		t.Errorf("got %v", err)
	}
	do(t, e, func(s *Scope) {
		x := s.FromFloat32([]float32{1, 2}, 2)
		if script, err := s.Trace([]Named{{"x", x}}, nil, func() []Tensor { return []Tensor{s.Add(x, x)} }); err != nil {
			t.Errorf("after a panic: %v", err)
		} else {
			script.Free()
		}
	})
}

// TestLoadScriptRefuses: what is no TorchScript file is an error.
func TestLoadScriptRefuses(t *testing.T) {
	if _, _, err := LoadScript(filepath.Join(t.TempDir(), "none.pt")); err == nil {
		t.Error("a file that is not there was loaded")
	}
}
