package onnx

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// builder makes ONNX nodes of a graph.
type builder struct {
	nodes     []message
	constants []tensor
	known     map[string]string // names of constants, by their content
	values    map[int]Value
	names     map[int]string // what ONNX calls a value
	lists     map[int]list   // values that are lists of tensors
	count     int
}

// list is what a Split makes, once it is known of how many parts.
type list struct {
	of    string
	axis  int64
	sizes []int64 // none: alike
	flat  bool    // parts lose the dimension
}

// translate turns aten operators into ONNX's.
func (b *builder) translate(nodes []Node) error {
	for _, n := range nodes {
		to, ok := translators[strings.TrimSuffix(n.Op, "_")]
		if !ok {
			return fmt.Errorf("the operator %s has no ONNX form here; a TorchScript file (.pt) can hold it", n.Op)
		}
		for _, out := range n.Outs {
			b.values[out.ID] = out
		}
		c := &call{builder: b, node: n}
		if to(c); c.err != nil {
			return fmt.Errorf("the operator %s: %w", n.Op, c.err)
		}
	}
	return nil
}

// add makes a node with so many outputs, which are named after the operator.
func (b *builder) add(op string, outs int, attrs attributes, inputs ...string) []string {
	var m message
	for _, in := range inputs {
		m = m.text(1, in)
	}
	var names []string
	for range outs {
		b.count++
		names = append(names, fmt.Sprintf("%s_%d", op, b.count))
		m = m.text(2, names[len(names)-1])
	}
	m = m.text(3, names[0]).text(4, op)
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		m = m.within(5, attribute(name, attrs[name]))
	}
	b.nodes = append(b.nodes, m)
	return names
}

// one makes a node with one output.
func (b *builder) one(op string, attrs attributes, inputs ...string) string {
	return b.add(op, 1, attrs, inputs...)[0]
}

// constant gives the name of a small tensor; equal ones are stored once.
func (b *builder) constant(t tensor) string {
	key := fmt.Sprint(t.dtype, t.shape, []byte(t.data))
	name, ok := b.known[key]
	if !ok {
		name = fmt.Sprintf("constant_%d", len(b.constants))
		t.name = name
		b.constants, b.known[key] = append(b.constants, t), name
	}
	return name
}

func (b *builder) whole(list ...int64) string { return b.constant(whole(list...)) }

// call is a node that is being translated. Its first error sticks.
type call struct {
	*builder
	node Node
	err  error
}

func (c *call) fail(format string, values ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, values...)
	}
}

// arg finds an operand by any of its names.
func (c *call) arg(names ...string) Arg {
	for _, name := range names {
		if a, ok := c.node.Args[name]; ok {
			return a
		}
	}
	c.fail("it has no operand %s", names[0])
	return Arg{}
}

// given says whether an operand is there and not none.
func (c *call) given(name string) bool {
	a := c.node.Args[name]
	return a != (Arg{})
}

// in is the ONNX name of a tensor operand; of a number, that of a constant of the type
// of the first tensor operand.
func (c *call) in(names ...string) string {
	a := c.arg(names...)
	if c.err != nil {
		return ""
	}
	return c.nameOf(a, c.dtype())
}

// cast is in, converted to what the node gives.
func (c *call) cast(names ...string) string {
	a, want := c.arg(names...), c.node.Outs[0].DType
	if c.err != nil {
		return ""
	}
	name := c.nameOf(a, want)
	if a.ID != nil && c.values[*a.ID].DType != want {
		return c.to(name, want)
	}
	return name
}

func (c *call) to(name string, dtype DType) string {
	return c.one("Cast", attributes{"to": elements[dtype].kind}, name)
}

func (c *call) nameOf(a Arg, dtype DType) string {
	if v, ok := a.number(); ok {
		return c.constant(scalar(v, dtype))
	}
	if a.ID == nil {
		c.fail("an operand is no tensor")
		return ""
	}
	name, ok := c.names[*a.ID]
	if !ok {
		c.fail("an operand was never made")
	}
	return name
}

// dtype is that of the first tensor operand that is called self, input or other.
func (c *call) dtype() DType {
	for _, name := range []string{"self", "input", "other"} {
		if a := c.node.Args[name]; a.ID != nil {
			return c.values[*a.ID].DType
		}
	}
	return c.node.Outs[0].DType
}

// shape is that of a tensor operand in the trace.
func (c *call) shape(names ...string) []int64 {
	a := c.arg(names...)
	if a.ID == nil {
		c.fail("%s is no tensor", names[0])
		return nil
	}
	return c.values[*a.ID].Shape
}

// ints are those of a list, or of one number.
func (c *call) ints(name string) (out []int64) {
	a := c.arg(name)
	if a.Int != nil {
		return []int64{*a.Int}
	}
	if a.List == nil {
		return nil
	}
	for _, one := range *a.List {
		if one.Int == nil {
			c.fail("%s depends on the input, and only the batch may", name)
			return nil
		}
		out = append(out, *one.Int)
	}
	return out
}

// pair is ints, twice the same where there is one.
func (c *call) pair(name string) []int64 {
	out := c.ints(name)
	if len(out) == 1 {
		return []int64{out[0], out[0]}
	}
	return out
}

// number of an operand that is one, true and false too; otherwise where it is absent.
func (c *call) number(name string, otherwise float64) float64 {
	a := c.node.Args[name]
	if v, ok := a.number(); ok {
		return v
	}
	if a != (Arg{}) {
		c.fail("%s is no number", name)
	}
	return otherwise
}

func (c *call) integer(name string, otherwise int64) int64 {
	switch a := c.node.Args[name]; {
	case a.Int != nil:
		return *a.Int
	case a == (Arg{}):
		return otherwise
	}
	return int64(c.number(name, 0))
}

func (c *call) flag(name string) bool { return c.number(name, 0) != 0 }

func (a Arg) number() (float64, bool) {
	switch {
	case a.Int != nil:
		return float64(*a.Int), true
	case a.Float != nil:
		return float64(*a.Float), true
	case a.Bool != nil && *a.Bool:
		return 1, true
	}
	return 0, a.Bool != nil
}

// axis counts a dimension of a tensor from the front.
func (c *call) axis(dim string, of ...string) int64 {
	d := c.integer(dim, 0)
	if d < 0 {
		d += int64(len(c.shape(of...)))
	}
	return d
}

// length of a dimension that does not follow the batch.
func (c *call) length(axis int64, of ...string) int64 {
	shape := c.shape(of...)
	if axis <= 0 || int(axis) >= len(shape) {
		c.fail("it works on the batch")
		return 0
	}
	return shape[axis]
}

// many are the ONNX names of a list of tensors.
func (c *call) many(name string) (out []string) {
	a := c.arg(name)
	if a.List == nil {
		c.fail("%s is no list of tensors", name)
		return nil
	}
	for _, one := range *a.List {
		out = append(out, c.nameOf(one, Float32))
	}
	return out
}

// give names what the node makes.
func (c *call) give(names ...string) {
	for i, name := range names {
		if i < len(c.node.Outs) {
			c.names[c.node.Outs[i].ID] = name
		}
	}
}

// translators holds a function for each aten operator.
var translators = map[string]func(*call){}

// register notes what translates some operators.
func register(to func(*call), ops ...string) {
	for _, op := range ops {
		if _, twice := translators["aten::"+op]; twice {
			panic(errors.New("two translators of " + op))
		}
		translators["aten::"+op] = to
	}
}
