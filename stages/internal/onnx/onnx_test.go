package onnx

import (
	"bytes"
	"strings"
	"testing"
)

// one is a graph of one operator on images_BCHW.
func one(op, args string) string {
	return `{"inputs":[{"id":1,"shape":[2,1,3,4],"dtype":6}],"outputs":[3],"tensors":[{"id":2,"shape":[4],"dtype":6,"name":"w"}],
	"nodes":[{"op":"` + op + `","args":` + args + `,"outs":[{"id":3,"shape":[2,1,3,4],"dtype":6}]}]}`
}

func write(t *testing.T, text string) ([]byte, error) {
	t.Helper()
	g, err := Read(text)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	m := Model{Graph: g, Name: "one", Inputs: []string{"images"}, Outputs: []string{"y"}, Producer: "test", Metadata: map[string]string{"key": "value"}}
	err = m.Write(&out, func(int) ([]byte, error) { return make([]byte, 16), nil })
	return out.Bytes(), err
}

// TestWrite compares a whole model with its bytes as onnx.proto says them: written here by
// hand, and checked with onnx.checker.
func TestWrite(t *testing.T) {
	got, err := write(t, one("aten::mul", `{"self":{"id":1},"other":{"id":2}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"\x08\x08\x12\x04test",                                                  // ir_version 8, producer
		"\x42\x04\x0a\x00\x10\x11",                                              // opset_import {"" 17}
		"\x72\x0c\x0a\x03key\x12\x05value",                                      // metadata_props
		"\x0a\x06images\x0a\x01w\x12\x05Mul_1\x1a\x05Mul_1\x22\x03Mul",          // the node
		"\x08\x04\x10\x01\x42\x01w\x4a\x10\x00\x00",                             // the weight: dims 4, float, its name, 16 bytes
		"\x0a\x07\x12\x05batch\x0a\x02\x08\x01\x0a\x02\x08\x03\x0a\x02\x08\x04", // the shape (batch, 1, 3, 4)
	} {
		if !bytes.Contains(got, []byte(part)) {
			t.Errorf("no %q in %q", part, got)
		}
	}
}

// TestRefusals: what has no form is named.
func TestRefusals(t *testing.T) {
	for want, graph := range map[string]string{
		"the operator aten::ghost has no ONNX form here":                    one("aten::ghost", `{}`),
		"aten::reshape: shape depends on the input, and only the batch may": one("aten::reshape", `{"self":{"id":1},"shape":{"list":[{"id":7}]}}`),
		"aten::adaptive_avg_pool2d: its size is [2 2]":                      one("aten::adaptive_avg_pool2d", `{"self":{"id":1},"output_size":{"list":[{"int":2},{"int":2}]}}`),
		"aten::cumprod: it works on the batch":                              one("aten::cumprod", `{"self":{"id":1},"dim":{"int":0}}`),
		"aten::batch_norm: it is training":                                  one("aten::batch_norm", `{"input":{"id":1},"weight":{"id":2},"bias":{"id":2},"running_mean":{"id":2},"running_var":{"id":2},"training":{"bool":true}}`),
		"aten::relu: an operand was never made":                             one("aten::relu", `{"self":{"id":9}}`),
		"aten::matmul: it has no operand other":                             one("aten::matmul", `{"self":{"id":1}}`),
	} {
		if _, err := write(t, graph); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestTooLarge: a model beyond protobuf's limit is refused before its weights are read.
func TestTooLarge(t *testing.T) {
	text := strings.Replace(one("aten::mul", `{"self":{"id":1},"other":{"id":2}}`), `"shape":[4]`, `"shape":[536870912]`, 1)
	if _, err := write(t, text); err == nil || !strings.Contains(err.Error(), "the model takes 2.1 GB, and an ONNX file holds 2") {
		t.Errorf("got %v", err)
	}
}
