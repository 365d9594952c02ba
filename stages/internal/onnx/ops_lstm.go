package onnx

func init() { register(lstm, "lstm") }

// lstm makes one LSTM of each layer. libtorch's gates stand in the order input, forget,
// cell, output; ONNX's in input, output, forget, cell. Sequences come first in ONNX.
func lstm(c *call) {
	if c.flag("train") && c.number("dropout", 0) > 0 {
		c.fail("it drops at random")
	}
	x, states, weights := c.in("input"), c.many("hx"), c.many("params")
	layers, directions, each := int(c.integer("num_layers", 1)), 1, 2
	direction := "forward"
	if c.flag("bidirectional") {
		directions, direction = 2, "bidirectional"
	}
	if c.flag("has_biases") {
		each = 4
	}
	if c.err != nil || len(states) != 2 || len(weights) != layers*directions*each || len(c.node.Outs) != 3 {
		c.fail("its %d states and %d weights are not those of a plain LSTM", len(states), len(weights))
		return
	}
	first := c.flag("batch_first")
	if first {
		x = c.one("Transpose", attributes{"perm": []int64{1, 0, 2}}, x)
	}
	units := c.node.Outs[1].Shape[2]
	var last [2][]string
	for layer := range layers {
		of := weights[layer*directions*each : (layer+1)*directions*each]
		from := int64(layer * directions)
		var begin [2]string
		for i, state := range states {
			begin[i] = c.one("Slice", nil, state, c.whole(from), c.whole(from+int64(directions)), c.whole(0), c.whole(1))
		}
		out := c.add("LSTM", 3, attributes{"hidden_size": units, "direction": direction}, append([]string{x}, c.gates(of, directions, each, begin)...)...)
		// (S, directions, B, units) → (S, B, directions·units)
		x = c.one("Transpose", attributes{"perm": []int64{0, 2, 1, 3}}, out[0])
		x = c.one("Reshape", nil, x, c.whole(0, 0, int64(directions)*units))
		last[0], last[1] = append(last[0], out[1]), append(last[1], out[2])
	}
	if first {
		x = c.one("Transpose", attributes{"perm": []int64{1, 0, 2}}, x)
	}
	c.give(x, c.one("Concat", attributes{"axis": int64(0)}, last[0]...), c.one("Concat", attributes{"axis": int64(0)}, last[1]...))
}

// gates gives the operands W, R, B, the absent lengths, and the first states.
func (c *call) gates(weights []string, directions, each int, begin [2]string) []string {
	var all [3][]string // W, R and B of each direction
	for d := range directions {
		of := weights[d*each : (d+1)*each]
		for i := range 2 {
			all[i] = append(all[i], c.one("Unsqueeze", nil, c.reordered(of[i]), c.whole(0)))
		}
		if each == 4 {
			both := c.one("Concat", attributes{"axis": int64(0)}, c.reordered(of[2]), c.reordered(of[3]))
			all[2] = append(all[2], c.one("Unsqueeze", nil, both, c.whole(0)))
		}
	}
	out := make([]string, 3, 6)
	for i, list := range all {
		if len(list) > 0 {
			out[i] = c.one("Concat", attributes{"axis": int64(0)}, list...)
		}
	}
	return append(out, "", begin[0], begin[1])
}

func (c *call) reordered(weight string) string {
	g := c.add("Split", 4, attributes{"axis": int64(0)}, weight)
	return c.one("Concat", attributes{"axis": int64(0)}, g[0], g[3], g[1], g[2])
}
