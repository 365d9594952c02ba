package export

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vertebra/stages/internal/onnx"
)

// TestOperators: what no net here has, and others may, on x = (1 2 3; 4 5 6), by numbers
// worked out by hand from PyTorch's documentation.
func TestOperators(t *testing.T) {
	e := math.E
	for _, c := range []struct {
		op, args string
		want     []float64
		shape    []int
	}{
		{"abs", `"self":{"id":2}`, []float64{1, 2, 3}, []int{1, 3}},
		{"neg", `"self":{"id":1}`, []float64{-1, -2, -3, -4, -5, -6}, []int{2, 3}},
		{"erf", `"self":{"id":2}`, []float64{math.Erf(-1), math.Erf(2), math.Erf(3)}, []int{1, 3}},
		{"hardsigmoid", `"self":{"id":2}`, []float64{1. / 3, 5. / 6, 1}, []int{1, 3}},
		{"hardswish", `"self":{"id":2}`, []float64{-1. / 3, 5. / 3, 3}, []int{1, 3}},
		{"add", `"self":{"id":1},"other":{"id":2},"alpha":{"int":2}`, []float64{-1, 6, 9, 2, 9, 12}, []int{2, 3}},
		{"rsub", `"self":{"id":1},"other":{"int":10},"alpha":{"int":1}`, []float64{9, 8, 7, 6, 5, 4}, []int{2, 3}},
		{"pow", `"self":{"id":1},"exponent":{"float":"2"}`, []float64{1, 4, 9, 16, 25, 36}, []int{2, 3}},
		{"minimum", `"self":{"id":1},"other":{"id":2}`, []float64{-1, 2, 3, -1, 2, 3}, []int{2, 3}},
		{"clamp", `"self":{"id":1},"min":{"int":2},"max":{"float":"4.5"}`, []float64{2, 2, 3, 4, 4.5, 4.5}, []int{2, 3}},
		{"addcmul", `"self":{"id":1},"tensor1":{"id":1},"tensor2":{"id":2},"value":{"int":3}`, []float64{-2, 14, 30, -8, 35, 60}, []int{2, 3}},
		{"where", `"condition":{"id":4},"self":{"id":1},"other":{"id":2}`, []float64{-1, 2, 3, 4, 5, 6}, []int{2, 3}},
		{"masked_fill", `"self":{"id":1},"mask":{"id":4},"value":{"int":0}`, []float64{1, 2, 3, 0, 0, 0}, []int{2, 3}},
		{"addmm", `"self":{"id":2},"mat1":{"id":1},"mat2":{"id":3},"beta":{"int":2},"alpha":{"int":1}`, []float64{4, 4, 6, 10, 4, 6}, []int{2, 3}},
		{"t", `"self":{"id":1}`, []float64{1, 4, 2, 5, 3, 6}, []int{3, 2}},
		{"permute", `"self":{"id":1},"dims":{"list":[{"int":-1},{"int":0}]}`, []float64{1, 4, 2, 5, 3, 6}, []int{3, 2}},
		{"view", `"self":{"id":1},"size":{"list":[{"int":-1},{"int":2}]}`, []float64{1, 2, 3, 4, 5, 6}, []int{3, 2}},
		{"squeeze", `"self":{"id":5},"dim":{"int":-1}`, []float64{1, 2}, []int{2}},
		{"select", `"self":{"id":1},"dim":{"int":1},"index":{"int":-1}`, []float64{3, 6}, []int{2}},
		{"narrow", `"self":{"id":1},"dim":{"int":1},"start":{"int":-2},"length":{"int":2}`, []float64{2, 3, 5, 6}, []int{2, 2}},
		{"flip", `"self":{"id":1},"dims":{"list":[{"int":1}]}`, []float64{3, 2, 1, 6, 5, 4}, []int{2, 3}},
		{"index", `"self":{"id":3},"indices":{"list":[{"id":10}]}`, []float64{2, 0, 0, 0, 0, 0, 2, 0, 0}, []int{3, 3}},
		{"constant_pad_nd", `"self":{"id":1},"pad":{"list":[{"int":0},{"int":1},{"int":1},{"int":0}]},"value":{"int":7}`, []float64{7, 7, 7, 7, 1, 2, 3, 7, 4, 5, 6, 7}, []int{3, 4}},
		{"pad", `"self":{"id":1},"pad":{"list":[{"int":0},{"int":1}]},"mode":{"text":"constant"}`, []float64{1, 2, 3, 0, 4, 5, 6, 0}, []int{2, 4}},
		{"roll", `"self":{"id":1},"shifts":{"list":[{"int":-1}]},"dims":{"list":[{"int":-1}]}`, []float64{2, 3, 1, 5, 6, 4}, []int{2, 3}},
		{"roll", `"self":{"id":3},"shifts":{"list":[{"int":2}]},"dims":{"list":[{"int":1}]}`, []float64{0, 0, 0, 0, 0, 0, 0, 0, 2}, []int{3, 3}},
		{"log_softmax", `"self":{"id":6},"dim":{"int":-1}`, []float64{-math.Log(1 + e), 1 - math.Log(1+e)}, []int{1, 2}},
		{"logsumexp", `"self":{"id":6},"dim":{"list":[{"int":1}]}`, []float64{math.Log(1 + e)}, []int{1}},
		{"sum", `"self":{"id":1},"dim":{"list":[{"int":-1}]},"keepdim":{"bool":true}`, []float64{6, 15}, []int{2, 1}},
		{"mean", `"self":{"id":1}`, []float64{3.5}, []int{}},
		{"amin", `"self":{"id":1},"dim":{"list":[{"int":0}]}`, []float64{1, 2, 3}, []int{3}},
		{"max", `"self":{"id":1},"dim":{"int":1}`, []float64{3, 6}, []int{2}},
		{"max", `"self":{"id":1},"other":{"id":2}`, []float64{1, 2, 3, 4, 5, 6}, []int{2, 3}},
		{"to", `"self":{"id":4}`, []float64{0, 0, 0, 1, 1, 1}, []int{2, 3}},
	} {
		got := operate(t, fmt.Sprintf(`{"op":"aten::%s","args":{%s},"outs":[{"id":9,"shape":[2,3],"dtype":6}]}`, c.op, c.args))
		if !slices.Equal(got.shape, c.shape) || !(furthest(got.data, c.want, 1) <= 1e-6) {
			t.Errorf("%s of %s is %v of shape %v, want %v of %v", c.op, c.args, got.data, got.shape, c.want, c.shape)
		}
	}
}

// TestParts: how a tensor is cut, by the number of parts that are taken.
func TestParts(t *testing.T) {
	for _, c := range []struct {
		op, args string
		want     []float64
		shape    []int
	}{
		{"chunk", `"chunks":{"int":2}`, []float64{3, 6}, []int{2, 1}},
		{"split", `"split_size":{"int":2}`, []float64{3, 6}, []int{2, 1}},
		{"split_with_sizes", `"split_sizes":{"list":[{"int":1},{"int":2}]}`, []float64{2, 3, 5, 6}, []int{2, 2}},
	} {
		got := operate(t, fmt.Sprintf(`{"op":"aten::%s","args":{"self":{"id":1},"dim":{"int":1},%s},"outs":[{"id":7}]},
			{"op":"prim::ListUnpack","args":{"0":{"id":7}},"outs":[{"id":8,"dtype":6},{"id":9,"dtype":6}]}`, c.op, c.args))
		if !slices.Equal(got.shape, c.shape) || !slices.Equal(got.data, c.want) {
			t.Errorf("%s gives %v of shape %v, want %v of %v", c.op, got.data, got.shape, c.want, c.shape)
		}
	}
	got := operate(t, `{"op":"aten::unbind","args":{"self":{"id":1},"dim":{"int":1}},"outs":[{"id":7}]},
		{"op":"prim::ListUnpack","args":{"0":{"id":7}},"outs":[{"id":8,"dtype":6},{"id":9,"dtype":6},{"id":10,"dtype":6}]}`)
	if !slices.Equal(got.shape, []int{2}) || !slices.Equal(got.data, []float64{2, 5}) {
		t.Errorf("unbind gives %v of shape %v", got.data, got.shape)
	}
}

// operate writes a model of some nodes that make value 9, and runs it: value 1 is x, 2 is
// (-1 2 3), 3 a matrix, 4 what is larger than 3.5 of x, 5 a column, 6 is (0 1).
func operate(t *testing.T, nodes string) array {
	t.Helper()
	g, err := onnx.Read(`{"inputs":[{"id":1,"shape":[2,3],"dtype":6}],"outputs":[9],"nodes":[
		{"op":"aten::gt","args":{"self":{"id":1},"other":{"float":"3.5"}},"outs":[{"id":4,"shape":[2,3],"dtype":11}]},
		{"op":"aten::slice","args":{"self":{"id":3},"dim":{"int":1},"start":{"int":0},"end":{"int":1},"step":{"int":1}},"outs":[{"id":11,"shape":[3,1],"dtype":6}]},
		` + nodes + `],"tensors":[
		{"id":2,"shape":[1,3],"dtype":6,"name":"b"},{"id":3,"shape":[3,3],"dtype":6,"name":"c"},{"id":5,"shape":[2,1],"dtype":6,"name":"d"},{"id":6,"shape":[1,2],"dtype":6,"name":"e"},{"id":10,"shape":[3],"dtype":4,"name":"f"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "one.onnx")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	tensors := [][]byte{littleEndian([]float64{-1, 2, 3}), littleEndian([]float64{0, 0, 0, 0, 0, 0, 2, 0, 0}), littleEndian([]float64{1, 2}), littleEndian([]float64{0, 1}), wholeNumbers(2, 1, 2)}
	m := onnx.Model{Graph: g, Name: "one", Inputs: []string{"x"}, Outputs: []string{"y"}}
	if err := m.Write(f, func(at int) ([]byte, error) { return tensors[at], nil }); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return readONNX(t, path).run(t, []array{{[]int{2, 3}, []float64{1, 2, 3, 4, 5, 6}}})["y"]
}
