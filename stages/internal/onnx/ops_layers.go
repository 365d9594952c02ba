package onnx

import "slices"

func init() {
	register(convolution, "_convolution", "conv2d", "conv3d")
	register(linear, "linear")
	register(matrixProduct, "matmul", "mm", "bmm")
	register(addmm, "addmm")
	register(batchNorm, "batch_norm")
	register(layerNorm, "layer_norm")
	register(maxPool, "max_pool2d", "max_pool3d")
	register(averagePool, "avg_pool2d", "avg_pool3d")
	register(averageGlobally, "adaptive_avg_pool2d")
	register(gridSample, "grid_sampler")
}

func convolution(c *call) {
	if c.flag("transposed") {
		c.fail("it is transposed")
	}
	pads := c.pair("padding")
	attrs := attributes{"strides": c.pair("stride"), "pads": slices.Concat(pads, pads), "dilations": c.pair("dilation"), "group": c.integer("groups", 1)}
	if kernel := c.shape("weight"); len(kernel) > 2 {
		attrs["kernel_shape"] = kernel[2:]
	}
	inputs := []string{c.in("input"), c.in("weight")}
	if c.given("bias") {
		inputs = append(inputs, c.in("bias"))
	}
	c.give(c.one("Conv", attrs, inputs...))
}

// linear is a Gemm of two dimensions, and a product and a sum of more.
func linear(c *call) {
	x, weight := c.in("input"), c.in("weight")
	if len(c.shape("input")) == 2 {
		inputs := []string{x, weight}
		if c.given("bias") {
			inputs = append(inputs, c.in("bias"))
		}
		c.give(c.one("Gemm", attributes{"transB": int64(1)}, inputs...))
		return
	}
	y := c.one("MatMul", nil, x, c.one("Transpose", attributes{"perm": []int64{1, 0}}, weight))
	if c.given("bias") {
		y = c.one("Add", nil, y, c.in("bias"))
	}
	c.give(y)
}

func matrixProduct(c *call) { c.give(c.one("MatMul", nil, c.in("self"), c.in("other", "mat2"))) }

func addmm(c *call) {
	attrs := attributes{"alpha": c.number("alpha", 1), "beta": c.number("beta", 1)}
	c.give(c.one("Gemm", attrs, c.in("mat1"), c.in("mat2"), c.in("self")))
}

func batchNorm(c *call) {
	if c.flag("training") {
		c.fail("it is training")
	}
	c.give(c.one("BatchNormalization", attributes{"epsilon": c.number("eps", 1e-5)},
		c.in("input"), c.in("weight"), c.in("bias"), c.in("running_mean"), c.in("running_var")))
}

func layerNorm(c *call) {
	attrs := attributes{"axis": -int64(len(c.ints("normalized_shape"))), "epsilon": c.number("eps", 1e-5)}
	inputs := []string{c.in("input"), c.in("weight")}
	if c.given("bias") {
		inputs = append(inputs, c.in("bias"))
	}
	c.give(c.one("LayerNormalization", attrs, inputs...))
}

func maxPool(c *call) {
	attrs := pooling(c)
	attrs["dilations"] = c.pair("dilation")
	c.give(c.one("MaxPool", attrs, c.in("self")))
}

func averagePool(c *call) {
	if c.given("divisor_override") {
		c.fail("it has a divisor of its own")
	}
	attrs := pooling(c)
	attrs["count_include_pad"] = c.integer("count_include_pad", 1)
	c.give(c.one("AveragePool", attrs, c.in("self")))
}

func pooling(c *call) attributes {
	kernel, stride, pads := c.pair("kernel_size"), c.pair("stride"), c.pair("padding")
	if len(stride) == 0 {
		stride = kernel
	}
	return attributes{"kernel_shape": kernel, "strides": stride, "pads": slices.Concat(pads, pads), "ceil_mode": c.integer("ceil_mode", 0)}
}

func averageGlobally(c *call) {
	if size := c.pair("output_size"); !slices.Equal(size, []int64{1, 1}) {
		c.fail("its size is %v; only the mean of all places has a form", size)
	}
	c.give(c.one("GlobalAveragePool", nil, c.in("self")))
}

// gridSample has the same words as libtorch, by number.
func gridSample(c *call) {
	mode, padding := c.integer("interpolation_mode", 0), c.integer("padding_mode", 0)
	if mode > 2 || padding > 2 {
		c.fail("mode %d, padding %d", mode, padding)
		return
	}
	c.give(c.one("GridSample", attributes{
		"mode":          []string{"bilinear", "nearest", "bicubic"}[mode],
		"padding_mode":  []string{"zeros", "border", "reflection"}[padding],
		"align_corners": c.integer("align_corners", 0),
	}, c.in("input"), c.in("grid")))
}
