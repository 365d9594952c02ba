package onnx

import (
	"math"
	"slices"
)

func init() {
	register(func(c *call) { c.give(c.in("self")) }, "contiguous", "detach", "clone")
	register(func(c *call) { c.give(c.in("input")) }, "dropout")
	register(convert, "to")
	register(func(c *call) { c.give(c.one("Reshape", nil, c.in("self"), c.whole(c.ints(sizeName(c))...))) }, "reshape", "view")
	register(flatten, "flatten")
	register(func(c *call) { c.give(c.one("Transpose", attributes{"perm": fromFront(c.ints("dims"))}, c.in("self"))) }, "permute")
	register(transpose, "transpose")
	register(func(c *call) { c.give(c.one("Transpose", nil, c.in("self"))) }, "t")
	register(expand, "expand")
	register(func(c *call) { c.give(c.one("Unsqueeze", nil, c.in("self"), c.whole(c.integer("dim", 0)))) }, "unsqueeze")
	register(squeeze, "squeeze")
	register(func(c *call) {
		c.give(c.one("Gather", attributes{"axis": c.axis("dim", "self")}, c.in("self"), c.constant(scalar(float64(c.integer("index", 0)), Int64))))
	}, "select")
	register(func(c *call) {
		c.give(c.one("Gather", attributes{"axis": c.axis("dim", "self")}, c.in("self"), c.in("index")))
	}, "index_select")
	register(slice, "slice")
	register(narrow, "narrow")
	register(flip, "flip")
	register(func(c *call) { c.give(c.one("Concat", attributes{"axis": c.integer("dim", 0)}, c.many("tensors")...)) }, "cat")
	register(stack, "stack")
	register(index, "index")
	register(pad, "constant_pad_nd", "pad")
	register(roll, "roll")
	register(parts, "chunk", "split", "split_with_sizes", "unbind")
	register(like(1), "ones_like")
	register(like(0), "zeros_like")
	translators["prim::ListUnpack"] = unpack
}

func sizeName(c *call) string {
	if _, view := c.node.Args["size"]; view {
		return "size"
	}
	return "shape"
}

// fromFront counts dimensions from the front.
func fromFront(dims []int64) []int64 {
	out := slices.Clone(dims)
	for i, d := range out {
		if d < 0 {
			out[i] = d + int64(len(dims))
		}
	}
	return out
}

func convert(c *call) {
	x, want := c.in("self"), c.node.Outs[0].DType
	if c.dtype() != want {
		x = c.to(x, want)
	}
	c.give(x)
}

// flatten keeps the dimensions before, whatever they are (0), and names those after.
func flatten(c *call) {
	shape, first, last := c.shape("self"), c.axis("start_dim", "self"), c.integer("end_dim", -1)
	if last < 0 {
		last += int64(len(shape))
	}
	if c.err != nil || int(last) >= len(shape) || first > last {
		c.fail("it flattens dimensions %d to %d of %d", first, last, len(shape))
		return
	}
	if first == 1 && int(last) == len(shape)-1 {
		c.give(c.one("Flatten", attributes{"axis": int64(1)}, c.in("self")))
		return
	}
	to := append(slices.Repeat([]int64{0}, int(first)), -1)
	c.give(c.one("Reshape", nil, c.in("self"), c.whole(append(to, shape[last+1:]...)...)))
}

func transpose(c *call) {
	order := make([]int64, len(c.shape("self")))
	for i := range order {
		order[i] = int64(i)
	}
	a, b := c.axis("dim0", "self"), c.axis("dim1", "self")
	if c.err == nil {
		order[a], order[b] = order[b], order[a]
	}
	c.give(c.one("Transpose", attributes{"perm": order}, c.in("self")))
}

// expand leaves dimensions alone by length 1, libtorch by −1.
func expand(c *call) {
	size := c.ints("size")
	for i, n := range size {
		if n == -1 {
			size[i] = 1
		}
	}
	c.give(c.one("Expand", nil, c.in("self"), c.whole(size...)))
}

func squeeze(c *call) {
	if !c.given("dim") {
		c.fail("it names no dimension")
		return
	}
	axis, x := c.axis("dim", "self"), c.in("self")
	if c.length(axis, "self") == 1 {
		x = c.one("Squeeze", nil, x, c.whole(axis))
	}
	c.give(x)
}

func slice(c *call) {
	c.cut(c.axis("dim", "self"), c.integer("start", 0), c.integer("end", math.MaxInt64), c.integer("step", 1))
}

func narrow(c *call) {
	start := c.integer("start", 0)
	end := start + c.integer("length", 0)
	if start < 0 && end == 0 {
		end = math.MaxInt64
	}
	c.cut(c.axis("dim", "self"), start, end, 1)
}

func (c *call) cut(axis, start, end, step int64) {
	c.give(c.one("Slice", nil, c.in("self"), c.whole(start), c.whole(end), c.whole(axis), c.whole(step)))
}

func flip(c *call) {
	x := c.in("self")
	for _, dim := range c.ints("dims") {
		x = c.one("Slice", nil, x, c.whole(-1), c.whole(math.MinInt64), c.whole(dim), c.whole(-1))
	}
	c.give(x)
}

// index takes rows by one list of places.
func index(c *call) {
	places := c.many("indices")
	if len(places) != 1 {
		c.fail("it has %d lists of places", len(places))
		return
	}
	c.give(c.one("Gather", attributes{"axis": int64(0)}, c.in("self"), places[0]))
}

// pad names the last dimension first, and ONNX all beginnings before all ends.
func pad(c *call) {
	if how := c.node.Args["mode"].Text; how != nil && *how != "constant" {
		c.fail("its mode is %s", *how)
	}
	pads, n := c.ints("pad"), len(c.shape("self"))
	if c.err != nil || len(pads)%2 != 0 || len(pads) > 2*n {
		c.fail("it pads %d sides of %d dimensions", len(pads), n)
		return
	}
	all := make([]int64, 2*n)
	for i, size := range pads {
		all[n-1-i/2+i%2*n] = size
	}
	c.give(c.one("Pad", nil, c.in("self"), c.whole(all...), c.constant(scalar(c.number("value", 0), c.dtype()))))
}

// roll puts what leaves at the end of a dimension before its beginning.
func roll(c *call) {
	x, dims := c.in("self"), c.ints("dims")
	for i, shift := range c.ints("shifts") {
		if i >= len(dims) {
			c.fail("it names no dimensions")
			return
		}
		axis := dims[i]
		if axis < 0 {
			axis += int64(len(c.shape("self")))
		}
		n := c.length(axis, "self")
		if c.err != nil {
			return
		}
		if shift = (shift%n + n) % n; shift == 0 {
			continue
		}
		cut := func(start, end int64) string {
			return c.one("Slice", nil, x, c.whole(start), c.whole(end), c.whole(axis), c.whole(1))
		}
		x = c.one("Concat", attributes{"axis": axis}, cut(n-shift, n), cut(0, n-shift))
	}
	c.give(x)
}

func stack(c *call) {
	dim, all := c.integer("dim", 0), c.many("tensors")
	for i, x := range all {
		all[i] = c.one("Unsqueeze", nil, x, c.whole(dim))
	}
	c.give(c.one("Concat", attributes{"axis": dim}, all...))
}

// parts notes how a tensor is cut; how many parts there are, unpack sees.
func parts(c *call) {
	axis := c.axis("dim", "self")
	n, l := c.length(axis, "self"), list{of: c.in("self"), axis: axis}
	each := int64(0)
	switch c.node.Op {
	case "aten::unbind":
		l.flat, each = true, 1
	case "aten::chunk":
		chunks := max(1, c.integer("chunks", 1))
		each = (n + chunks - 1) / chunks
	case "aten::split_with_sizes":
		l.sizes = c.ints("split_sizes")
	default:
		each = c.integer("split_size", 1)
	}
	for left := n; each > 0 && left > 0; left -= each {
		l.sizes = append(l.sizes, min(each, left))
	}
	c.lists[c.node.Outs[0].ID] = l
}

func unpack(c *call) {
	a := c.arg("0", "self")
	if a.ID == nil {
		c.fail("it unpacks no list of a tensor's parts")
		return
	}
	l, ok := c.lists[*a.ID]
	if !ok || len(l.sizes) != len(c.node.Outs) {
		c.fail("it unpacks another list than a tensor's parts")
		return
	}
	names := c.add("Split", len(l.sizes), attributes{"axis": l.axis}, l.of, c.whole(l.sizes...))
	for i := range names {
		if l.flat {
			names[i] = c.one("Squeeze", nil, names[i], c.whole(l.axis))
		}
	}
	c.give(names...)
}

// like fills the shape of a tensor with a value.
func like(v float64) func(*call) {
	return func(c *call) {
		c.give(c.one("ConstantOfShape", attributes{"value": scalar(v, c.node.Outs[0].DType, 1)}, c.one("Shape", nil, c.in("self"))))
	}
}
