package export

import (
	"encoding/binary"
	"math"
	"os"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// A small decoder of ONNX files, apart from the one that writes them: fields as onnx.proto
// numbers them.

type onnxModel struct {
	nodes           []onnxNode
	tensors         map[string]array
	inputs, outputs []string
	metadata        map[string]string
	opset           int64
}

type onnxNode struct {
	op      string
	in, out []string
	ints    map[string][]int
	float   map[string]float64
	text    map[string]string
	tensor  map[string]array
}

// fields calls visit for each field of a message: number for varints and fixed32, bytes for
// the rest.
func fields(t *testing.T, data []byte, visit func(field int, number uint64, bytes []byte)) {
	t.Helper()
	for len(data) > 0 {
		field, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		data = data[n:]
		var number uint64
		var bytes []byte
		switch kind {
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(data)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(data)
			number = uint64(v)
		case protowire.BytesType:
			bytes, n = protowire.ConsumeBytes(data)
		default:
			t.Fatalf("field %d has type %d", field, kind)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		data = data[n:]
		visit(int(field), number, bytes)
	}
}

func readONNX(t *testing.T, path string) onnxModel {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m := onnxModel{tensors: map[string]array{}, metadata: map[string]string{}}
	fields(t, data, func(field int, _ uint64, bytes []byte) {
		switch field {
		case 7:
			m.graph(t, bytes)
		case 8:
			fields(t, bytes, func(field int, number uint64, _ []byte) {
				if field == 2 {
					m.opset = int64(number)
				}
			})
		case 14:
			var pair [3]string
			fields(t, bytes, func(field int, _ uint64, bytes []byte) { pair[field] = string(bytes) })
			m.metadata[pair[1]] = pair[2]
		}
	})
	return m
}

func (m *onnxModel) graph(t *testing.T, data []byte) {
	name := func(bytes []byte) (out string) {
		fields(t, bytes, func(field int, _ uint64, bytes []byte) {
			if field == 1 {
				out = string(bytes)
			}
		})
		return out
	}
	fields(t, data, func(field int, _ uint64, bytes []byte) {
		switch field {
		case 1:
			m.nodes = append(m.nodes, readNode(t, bytes))
		case 5:
			tensor, name := readTensor(t, bytes)
			m.tensors[name] = tensor
		case 11:
			m.inputs = append(m.inputs, name(bytes))
		case 12:
			m.outputs = append(m.outputs, name(bytes))
		}
	})
}

func readNode(t *testing.T, data []byte) onnxNode {
	n := onnxNode{ints: map[string][]int{}, float: map[string]float64{}, text: map[string]string{}, tensor: map[string]array{}}
	fields(t, data, func(field int, _ uint64, bytes []byte) {
		switch field {
		case 1:
			n.in = append(n.in, string(bytes))
		case 2:
			n.out = append(n.out, string(bytes))
		case 4:
			n.op = string(bytes)
		case 5:
			n.attribute(t, bytes)
		}
	})
	return n
}

func (n *onnxNode) attribute(t *testing.T, data []byte) {
	name := ""
	fields(t, data, func(field int, number uint64, bytes []byte) {
		switch field {
		case 1:
			name = string(bytes)
		case 2:
			n.float[name] = float64(math.Float32frombits(uint32(number)))
		case 3, 8:
			n.ints[name] = append(n.ints[name], int(int64(number)))
		case 4:
			n.text[name] = string(bytes)
		case 5:
			n.tensor[name], _ = readTensor(t, bytes)
		}
	})
}

func readTensor(t *testing.T, data []byte) (a array, name string) {
	var raw []byte
	kind := uint64(0)
	a.shape = []int{}
	fields(t, data, func(field int, number uint64, bytes []byte) {
		switch field {
		case 1:
			a.shape = append(a.shape, int(number))
		case 2:
			kind = number
		case 8:
			name = string(bytes)
		case 9:
			raw = bytes
		}
	})
	for len(raw) > 0 {
		switch kind {
		case 1:
			a.data, raw = append(a.data, float64(math.Float32frombits(binary.LittleEndian.Uint32(raw)))), raw[4:]
		case 7:
			a.data, raw = append(a.data, float64(int64(binary.LittleEndian.Uint64(raw)))), raw[8:]
		default:
			t.Fatalf("%s has the type %d", name, kind)
		}
	}
	if size(a.shape) != len(a.data) {
		t.Fatalf("%s has %d numbers for the shape %v", name, len(a.data), a.shape)
	}
	return a, name
}

func littleEndian(numbers []float64) (out []byte) {
	for _, v := range numbers {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(v)))
	}
	return out
}

func wholeNumbers(numbers ...uint64) (out []byte) {
	for _, v := range numbers {
		out = binary.LittleEndian.AppendUint64(out, v)
	}
	return out
}
