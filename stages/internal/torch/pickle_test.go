package torch

import (
	"path/filepath"
	"slices"
	"testing"

	"vertebra/stages/internal/safetensors"
)

// The files are made by testdata/saved.py.
func TestReadPickle(t *testing.T) {
	for _, file := range []string{"saved.pth", "saved-legacy.pth"} {
		var got map[string]safetensors.Tensor
		err := open(t).Do(t.Context(), func(*Scope) (err error) {
			got, err = ReadPickle(filepath.Join("testdata", file))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		k := 0
		for _, want := range []struct {
			name  string
			shape []int64
		}{{"stem.weight", []int64{3, 2, 2}}, {"stem.bias", []int64{3}}, {"last.weight", []int64{2, 5}}} {
			values := got[want.name]
			if !slices.Equal(values.Shape, want.shape) {
				t.Errorf("%s: %s has the shape %v, want %v", file, want.name, values.Shape, want.shape)
			}
			for i, v := range values.Data {
				if v != float32(k)/8 {
					t.Fatalf("%s: %s[%d] = %v, want %v", file, want.name, i, v, float32(k)/8)
				}
				k++
			}
		}
		if k != 25 {
			t.Errorf("%s: %d values, want 25", file, k)
		}
	}
}
