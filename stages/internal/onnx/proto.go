package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is a protobuf message under construction. Field numbers are those of
// onnx.proto, which have not changed since its first release.
type message []byte

func (m message) integer(field protowire.Number, v int64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), uint64(v))
}

func (m message) text(field protowire.Number, v string) message {
	return protowire.AppendString(protowire.AppendTag(m, field, protowire.BytesType), v)
}

func (m message) within(field protowire.Number, v message) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), v)
}

func (m message) float(field protowire.Number, v float64) message {
	return protowire.AppendFixed32(protowire.AppendTag(m, field, protowire.Fixed32Type), math.Float32bits(float32(v)))
}

// attributes are those of a node: int64, []int64, float64, string, or []string.
type attributes map[string]any

// attribute is an AttributeProto.
func attribute(name string, value any) (m message) {
	m = m.text(1, name)
	switch v := value.(type) {
	case float64:
		return m.float(2, v).integer(20, 1)
	case int64:
		return m.integer(3, v).integer(20, 2)
	case string:
		return m.text(4, v).integer(20, 3)
	case tensor:
		return m.within(5, v.head().within(9, v.data)).integer(20, 4)
	case []int64:
		for _, i := range v {
			m = m.integer(8, i)
		}
		return m.integer(20, 7)
	}
	return nil
}

// tensor is a small constant.
type tensor struct {
	name  string
	dtype DType
	shape []int64
	data  message // little endian
}

// head is a TensorProto but for its data.
func (t tensor) head() (m message) {
	for _, d := range t.shape {
		m = m.integer(1, d)
	}
	m = m.integer(2, elements[t.dtype].kind)
	if t.name != "" {
		m = m.text(8, t.name)
	}
	return m
}

// scalar is one number of a type; its shape is empty unless it is said.
func scalar(v float64, dtype DType, shape ...int64) tensor {
	t := tensor{dtype: dtype, shape: shape}
	switch dtype {
	case Float32:
		t.data = binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(v)))
	case Float64:
		t.data = binary.LittleEndian.AppendUint64(nil, math.Float64bits(v))
	case Int64:
		t.data = binary.LittleEndian.AppendUint64(nil, uint64(int64(v)))
	case Int32:
		t.data = binary.LittleEndian.AppendUint32(nil, uint32(int32(v)))
	default: // of one byte
		t.data = message{byte(v)}
	}
	return t
}

func whole(list ...int64) tensor {
	t := tensor{dtype: Int64, shape: []int64{int64(len(list))}}
	for _, v := range list {
		t.data = binary.LittleEndian.AppendUint64(t.data, uint64(v))
	}
	return t
}

// valueInfo is a ValueInfoProto of a tensor whose first dimension is free.
func valueInfo(name string, v Value) message {
	var shape message
	for i, d := range v.Shape {
		if i == 0 {
			shape = shape.within(1, message(nil).text(2, "batch"))
		} else {
			shape = shape.within(1, message(nil).integer(1, d))
		}
	}
	kind := message(nil).integer(1, elements[v.DType].kind).within(2, shape)
	return message(nil).text(1, name).within(2, message(nil).within(1, kind))
}
