package onnx

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Model is a graph with what is said of it.
type Model struct {
	Graph    Graph
	Name     string
	Inputs   []string // names
	Outputs  []string
	Producer string
	Version  string            // of the producer
	Metadata map[string]string // metadata_props
}

// The versions that are written: IR version 8 came with opset 17, in ONNX 1.12 (2022).
const (
	irVersion = 8
	opset     = 17
)

// tooLarge is the size that readers of protobuf refuse to go beyond.
const tooLarge = 1<<31 - 1

// Write writes the model. Data gives the bytes of a tensor of the graph, little endian,
// when its turn comes: one at a time is in memory.
func (m Model) Write(w io.Writer, data func(at int) ([]byte, error)) error {
	b := &builder{known: map[string]string{}, values: map[int]Value{}, names: map[int]string{}, lists: map[int]list{}}
	inputs, err := m.name(b)
	if err != nil {
		return err
	}
	if err := b.translate(m.Graph.Nodes); err != nil {
		return err
	}
	graph, err := m.plain(b, inputs)
	if err != nil {
		return err
	}
	weights := int64(0)
	for _, t := range m.Graph.Tensors {
		weights += initializer(t).size(t)
	}
	head := m.head()
	if total := int64(len(head)) + int64(len(graph)) + weights; total > tooLarge-16 {
		return fmt.Errorf("the model takes %.1f GB, and an ONNX file holds 2; a TorchScript file (.pt) has no limit", float64(total)/1e9)
	}
	head = protowire.AppendVarint(protowire.AppendTag(head, 7, protowire.BytesType), uint64(int64(len(graph))+weights))
	if _, err := w.Write(slices.Concat(head, graph)); err != nil {
		return err
	}
	for i, t := range m.Graph.Tensors {
		if err := initializer(t).write(w, t, func() ([]byte, error) { return data(i) }); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	return nil
}

// name gives inputs and tensors their names.
func (m Model) name(b *builder) (inputs []message, err error) {
	if len(m.Inputs) != len(m.Graph.Inputs) || len(m.Outputs) != len(m.Graph.Outputs) {
		return nil, fmt.Errorf("%d inputs and %d outputs have names, there are %d and %d", len(m.Inputs), len(m.Outputs), len(m.Graph.Inputs), len(m.Graph.Outputs))
	}
	for i, v := range m.Graph.Inputs {
		b.values[v.ID], b.names[v.ID] = v, m.Inputs[i]
		inputs = append(inputs, valueInfo(m.Inputs[i], v))
	}
	for _, t := range m.Graph.Tensors {
		if _, ok := elements[t.DType]; !ok {
			return nil, fmt.Errorf("%s has numbers of a type that no model here has (%d)", t.Name, t.DType)
		}
		b.values[t.ID], b.names[t.ID] = t.Value, t.Name
	}
	return inputs, nil
}

// plain is a GraphProto without its weights.
func (m Model) plain(b *builder, inputs []message) (g message, err error) {
	var outputs []message
	for i, id := range m.Graph.Outputs {
		made, ok := b.names[id]
		if !ok {
			return nil, fmt.Errorf("the output %s was never made", m.Outputs[i])
		}
		b.nodes = append(b.nodes, message(nil).text(1, made).text(2, m.Outputs[i]).text(3, m.Outputs[i]).text(4, "Identity"))
		outputs = append(outputs, valueInfo(m.Outputs[i], b.values[id]))
	}
	for _, n := range b.nodes {
		g = g.within(1, n)
	}
	g = g.text(2, m.Name)
	for _, t := range b.constants {
		g = g.within(5, t.head().within(9, t.data))
	}
	for _, in := range inputs {
		g = g.within(11, in)
	}
	for _, out := range outputs {
		g = g.within(12, out)
	}
	return g, nil
}

// head is a ModelProto without its graph.
func (m Model) head() (h message) {
	h = h.integer(1, irVersion).text(2, m.Producer).text(3, m.Version)
	h = h.within(8, message(nil).text(1, "").integer(2, opset))
	for _, key := range slices.Sorted(maps.Keys(m.Metadata)) {
		h = h.within(14, message(nil).text(1, key).text(2, m.Metadata[key]))
	}
	return h
}

// initializer is the TensorProto of a weight but for its data.
func initializer(t Tensor) weight {
	return weight(tensor{name: t.Name, dtype: t.DType, shape: t.Shape}.head())
}

type weight message

// size of the field initializer with all that is in it.
func (h weight) size(t Tensor) int64 {
	return int64(protowire.SizeTag(5)) + int64(protowire.SizeBytes(h.within(t)))
}

func (h weight) within(t Tensor) int {
	return len(h) + protowire.SizeTag(9) + protowire.SizeBytes(int(t.Bytes()))
}

func (h weight) write(w io.Writer, t Tensor, data func() ([]byte, error)) error {
	raw, err := data()
	if err != nil {
		return err
	}
	if int64(len(raw)) != t.Bytes() {
		return fmt.Errorf("%d bytes of %d", len(raw), t.Bytes())
	}
	m := protowire.AppendVarint(protowire.AppendTag(nil, 5, protowire.BytesType), uint64(h.within(t)))
	m = append(m, h...)
	m = protowire.AppendVarint(protowire.AppendTag(m, 9, protowire.BytesType), uint64(len(raw)))
	if _, err := w.Write(m); err != nil {
		return err
	}
	_, err = w.Write(raw)
	return err
}
