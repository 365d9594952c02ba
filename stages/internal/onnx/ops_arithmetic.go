package onnx

import "math"

func init() {
	for op, name := range map[string]string{
		"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "neg": "Neg",
		"abs": "Abs", "reciprocal": "Reciprocal", "erf": "Erf", "hardswish": "HardSwish",
	} {
		register(func(c *call) { c.give(c.one(name, nil, c.in("self"))) }, op)
	}
	for op, name := range map[string]string{
		"gt": "Greater", "lt": "Less", "ge": "GreaterOrEqual", "le": "LessOrEqual", "eq": "Equal",
	} {
		register(func(c *call) { c.give(c.one(name, nil, c.in("self"), c.in("other"))) }, op)
	}
	for op, name := range map[string]string{"mul": "Mul", "maximum": "Max", "minimum": "Min"} {
		register(func(c *call) { c.give(c.one(name, nil, c.cast("self"), c.cast("other"))) }, op)
	}
	register(func(c *call) { c.give(c.one("Add", nil, c.cast("self"), scaled(c, c.cast("other")))) }, "add")
	register(func(c *call) { c.give(c.one("Sub", nil, c.cast("self"), scaled(c, c.cast("other")))) }, "sub")
	register(func(c *call) { c.give(c.one("Sub", nil, c.cast("other"), scaled(c, c.cast("self")))) }, "rsub")
	register(func(c *call) { c.give(c.one("Pow", nil, c.cast("self"), c.cast("exponent"))) }, "pow")
	register(divide, "div")
	register(addcmul, "addcmul")
	register(clamp, "clamp", "clamp_min", "clamp_max")
	register(silu, "silu")
	register(hardSigmoid, "hardsigmoid")
	register(gelu, "gelu")
	register(softplus, "softplus")
	register(logSigmoid, "log_sigmoid")
	register(func(c *call) { c.give(c.one("Where", nil, c.in("condition"), c.cast("self"), c.cast("other"))) }, "where")
	register(func(c *call) { c.give(c.one("Where", nil, c.in("mask"), c.cast("value"), c.cast("self"))) }, "masked_fill")
}

// scaled multiplies by the operand alpha.
func scaled(c *call, x string) string {
	if alpha := c.number("alpha", 1); alpha != 1 {
		return c.one("Mul", nil, x, c.constant(scalar(alpha, c.node.Outs[0].DType)))
	}
	return x
}

func divide(c *call) {
	if c.given("rounding_mode") {
		c.fail("it rounds")
	}
	c.give(c.one("Div", nil, c.cast("self"), c.cast("other")))
}

func addcmul(c *call) {
	product := c.one("Mul", nil, c.in("tensor1"), c.in("tensor2"))
	if v := c.number("value", 1); v != 1 {
		product = c.one("Mul", nil, product, c.constant(scalar(v, c.node.Outs[0].DType)))
	}
	c.give(c.one("Add", nil, product, c.in("self")))
}

func clamp(c *call) {
	x := c.in("self")
	if c.given("min") {
		x = c.one("Max", nil, x, c.in("min"))
	}
	if c.given("max") {
		x = c.one("Min", nil, x, c.in("max"))
	}
	c.give(x)
}

func silu(c *call) {
	x := c.in("self")
	c.give(c.one("Mul", nil, x, c.one("Sigmoid", nil, x)))
}

// hardSigmoid is min(max(x/6 + 1/2, 0), 1).
func hardSigmoid(c *call) {
	c.give(c.one("HardSigmoid", attributes{"alpha": 1. / 6, "beta": 0.5}, c.in("self")))
}

// gelu is x/2 · (1 + erf(x/√2)).
func gelu(c *call) {
	if how := c.node.Args["approximate"].Text; how != nil && *how != "none" {
		c.fail("it is approximate: %s", *how)
	}
	x, number := c.in("self"), func(v float64) string { return c.constant(scalar(v, c.node.Outs[0].DType)) }
	bell := c.one("Add", nil, c.one("Erf", nil, c.one("Mul", nil, x, number(math.Sqrt2/2))), number(1))
	c.give(c.one("Mul", nil, c.one("Mul", nil, x, bell), number(0.5)))
}

func softplus(c *call) {
	if beta := c.number("beta", 1); beta != 1 {
		c.fail("its beta is %v", beta)
	}
	c.give(c.one("Softplus", nil, c.in("self")))
}

func logSigmoid(c *call) {
	c.give(c.one("Neg", nil, c.one("Softplus", nil, c.one("Neg", nil, c.in("self")))))
}
