// Package onnx writes the graphs of libtorch's tracer as ONNX models: files of one
// protobuf message (https://onnx.ai/onnx/repo-docs/IR.html), of operators of opset 17.
package onnx

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Graph is what a trace recorded: aten operators in the order of computing.
type Graph struct {
	Inputs  []Value  `json:"inputs"`
	Outputs []int    `json:"outputs"` // values
	Nodes   []Node   `json:"nodes"`
	Tensors []Tensor `json:"tensors"` // weights and constants
}

// Value is what a node makes; its shape is that of the trace, where it has one.
type Value struct {
	ID    int     `json:"id"`
	Shape []int64 `json:"shape"`
	DType DType   `json:"dtype"`
}

// Tensor is a value that the file holds.
type Tensor struct {
	Value
	Name string `json:"name"`
}

// Node is one operator, with its operands by the names of its schema.
type Node struct {
	Op   string         `json:"op"`
	Args map[string]Arg `json:"args"`
	Outs []Value        `json:"outs"`
}

// Arg is a value, a constant, or a list of these; none of them where an operand is
// absent.
type Arg struct {
	ID    *int    `json:"id"`
	Int   *int64  `json:"int"`
	Float *float  `json:"float"`
	Bool  *bool   `json:"bool"`
	Text  *string `json:"text"`
	List  *[]Arg  `json:"list"`
}

// float is written as text, which knows infinities.
type float float64

// UnmarshalJSON reads C++'s words.
func (f *float) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	v, err := strconv.ParseFloat(text, 64)
	*f = float(v)
	return err
}

// Read reads what torch.Script.Graph wrote.
func Read(text string) (g Graph, err error) {
	if err := json.Unmarshal([]byte(text), &g); err != nil {
		return g, fmt.Errorf("the graph of the trace: %w", err)
	}
	return g, nil
}

// DType is libtorch's number of a type of elements.
type DType int

// The types that models here have.
const (
	Uint8   DType = 0
	Int32   DType = 3
	Int64   DType = 4
	Float16 DType = 5
	Float32 DType = 6
	Float64 DType = 7
	Bool    DType = 11
)

// elements has ONNX's number of each type (TensorProto.DataType), and the bytes of one.
var elements = map[DType]struct{ kind, bytes int64 }{
	Uint8: {2, 1}, Int32: {6, 4}, Int64: {7, 8}, Float16: {10, 2}, Float32: {1, 4}, Float64: {11, 8}, Bool: {9, 1},
}

// Bytes is how many the tensor takes in a file.
func (t Tensor) Bytes() int64 {
	n := elements[t.DType].bytes
	for _, d := range t.Shape {
		n *= d
	}
	return n
}
