package onnx

func init() {
	register(softmax("Softmax"), "softmax", "_softmax")
	register(softmax("LogSoftmax"), "log_softmax", "_log_softmax")
	register(reduce("ReduceMean"), "mean")
	register(reduce("ReduceMax"), "amax")
	register(reduce("ReduceMin"), "amin")
	register(reduce("ReduceLogSumExp"), "logsumexp")
	register(sum, "sum")
	register(largest("ReduceMax"), "max")
	register(largest("ReduceMin"), "min")
	register(func(c *call) { c.give(c.one("CumSum", nil, c.in("self"), c.whole(c.axis("dim", "self")))) }, "cumsum")
	register(running("Mul"), "cumprod")
	register(running("Min"), "cummin")
}

func softmax(op string) func(*call) {
	return func(c *call) { c.give(c.one(op, attributes{"axis": c.axis("dim", "self")}, c.cast("self"))) }
}

// reduce names dimensions by an attribute, as these operators do until opset 18.
func reduce(op string) func(*call) {
	return func(c *call) {
		attrs := attributes{"keepdims": c.integer("keepdim", 0)}
		if c.given("dim") {
			if dims := c.ints("dim"); len(dims) > 0 {
				attrs["axes"] = dims
			}
		}
		c.give(c.one(op, attrs, c.cast("self")))
	}
}

// sum names dimensions by an operand, from opset 13 on.
func sum(c *call) {
	inputs := []string{c.cast("self")}
	if c.given("dim") {
		if dims := c.ints("dim"); len(dims) > 0 {
			inputs = append(inputs, c.whole(dims...))
		}
	}
	c.give(c.one("ReduceSum", attributes{"keepdims": c.integer("keepdim", 0)}, inputs...))
}

// largest is max and min: of all elements, along a dimension, or of two tensors. Where
// they are is not told.
func largest(op string) func(*call) {
	return func(c *call) {
		if c.given("other") {
			c.give(c.one(op[len("Reduce"):], nil, c.cast("self"), c.cast("other")))
			return
		}
		reduce(op)(c)
	}
}

// running is a cumulative operator that ONNX lacks: a chain over the parts of a short
// dimension.
func running(op string) func(*call) {
	return func(c *call) {
		axis := c.axis("dim", "self")
		n := c.length(axis, "self")
		if c.err != nil {
			return
		}
		if n == 1 {
			c.give(c.in("self"))
			return
		}
		sizes := make([]int64, n)
		for i := range sizes {
			sizes[i] = 1
		}
		parts := c.add("Split", int(n), attributes{"axis": axis}, c.in("self"), c.whole(sizes...))
		for i := 1; i < len(parts); i++ {
			parts[i] = c.one(op, nil, parts[i-1], parts[i])
		}
		c.give(c.one("Concat", attributes{"axis": axis}, parts...))
	}
}
