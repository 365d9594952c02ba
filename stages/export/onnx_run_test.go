package export

import (
	"math"
	"slices"
	"testing"
)

// A small interpreter of the operators that models here have, in float64 and by the words
// of ONNX's specification: it shares nothing with libtorch.

func (m onnxModel) run(t *testing.T, inputs []array) map[string]array {
	t.Helper()
	if len(m.inputs) != len(inputs) {
		t.Fatalf("the file takes %q", m.inputs)
	}
	known := map[string]array{"": {}}
	for i, name := range m.inputs {
		known[name] = inputs[i]
	}
	for name, a := range m.tensors {
		known[name] = a
	}
	for _, n := range m.nodes {
		var in []array
		for _, name := range n.in {
			a, ok := known[name]
			if !ok {
				t.Fatalf("%s takes %s, which nothing has made", n.op, name)
			}
			in = append(in, a)
		}
		op, ok := operators[n.op]
		if !ok {
			t.Fatalf("the interpreter does not know %s", n.op)
		}
		for i, out := range op(n, in) {
			if i < len(n.out) {
				known[n.out[i]] = out
			}
		}
	}
	return known
}

func unary(f func(float64) float64) func(onnxNode, []array) []array {
	return func(_ onnxNode, in []array) []array { return []array{in[0].apply(f)} }
}

func binaryOp(f func(x, y float64) float64) func(onnxNode, []array) []array {
	return func(_ onnxNode, in []array) []array { return []array{combine(in[0], in[1], f)} }
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// hardSigmoid is that of ONNX.
func hardSigmoid(x, alpha, beta float64) float64 { return min(max(alpha*x+beta, 0), 1) }

var operators = map[string]func(n onnxNode, in []array) []array{
	"Relu": unary(func(x float64) float64 { return max(x, 0) }), "Sigmoid": unary(sigmoid), "Tanh": unary(math.Tanh), "Exp": unary(math.Exp),
	"Log": unary(math.Log), "Neg": unary(func(x float64) float64 { return -x }), "Erf": unary(math.Erf), "Sqrt": unary(math.Sqrt), "Reciprocal": unary(func(x float64) float64 { return 1 / x }),
	"Softplus":  unary(func(x float64) float64 { return math.Log1p(math.Exp(-math.Abs(x))) + max(x, 0) }),
	"HardSwish": unary(func(x float64) float64 { return x * hardSigmoid(x, 1./6, 0.5) }),
	"HardSigmoid": func(n onnxNode, in []array) []array {
		return []array{in[0].apply(func(x float64) float64 { return hardSigmoid(x, n.float["alpha"], n.float["beta"]) })}
	},
	"Identity": unary(func(x float64) float64 { return x }), "Cast": unary(func(x float64) float64 { return x }),
	"Add": binaryOp(func(x, y float64) float64 { return x + y }), "Sub": binaryOp(func(x, y float64) float64 { return x - y }),
	"Mul": binaryOp(func(x, y float64) float64 { return x * y }), "Div": binaryOp(func(x, y float64) float64 { return x / y }),
	"Abs": unary(math.Abs), "Pow": binaryOp(math.Pow), "Greater": binaryOp(func(x, y float64) float64 {
		if x > y {
			return 1
		}
		return 0
	}),
	"Where": func(_ onnxNode, in []array) []array {
		shape := broadcast(broadcast(in[0].shape, in[1].shape), in[2].shape)
		return []array{from(shape, func(at []int) float64 {
			if in[0].get(at) != 0 {
				return in[1].get(at)
			}
			return in[2].get(at)
		})}
	},
	"Max": binaryOp(math.Max), "Min": binaryOp(math.Min),
	"Conv": func(n onnxNode, in []array) []array { return []array{conv(n, in)} },
	"Gemm": func(n onnxNode, in []array) []array {
		w := in[1]
		if n.ints["transB"] != nil {
			w = w.transpose([]int{1, 0})
		}
		beta, given := n.float["beta"]
		if !given {
			beta = 1
		}
		out := matmul(in[0], w)
		if len(in) > 2 {
			out = combine(out, in[2], func(x, y float64) float64 { return x + beta*y })
		}
		return []array{out}
	},
	"MatMul": func(_ onnxNode, in []array) []array { return []array{matmul(in[0], in[1])} },
	"BatchNormalization": func(n onnxNode, in []array) []array {
		return []array{from(in[0].shape, func(at []int) float64 {
			c := at[1:2]
			return (in[0].get(at)-in[3].get(c))/math.Sqrt(in[4].get(c)+n.float["epsilon"])*in[1].get(c) + in[2].get(c)
		})}
	},
	"LayerNormalization": func(n onnxNode, in []array) []array {
		out := in[0].lines(len(in[0].shape)-1, func(line []float64) {
			mean, square := 0.0, 0.0
			for _, v := range line {
				mean += v / float64(len(line))
			}
			for _, v := range line {
				square += (v - mean) * (v - mean) / float64(len(line))
			}
			for i := range line {
				line[i] = (line[i]-mean)/math.Sqrt(square+n.float["epsilon"])*in[1].data[i] + in[2].data[i]
			}
		})
		return []array{out}
	},
	"MaxPool":     func(n onnxNode, in []array) []array { return []array{pool(n, in[0], true)} },
	"AveragePool": func(n onnxNode, in []array) []array { return []array{pool(n, in[0], false)} },
	"GlobalAveragePool": func(_ onnxNode, in []array) []array {
		x := in[0]
		out, places := zeros(x.shape[0], x.shape[1], 1, 1), x.shape[2]*x.shape[3]
		for i, v := range x.data {
			out.data[i/places] += v / float64(places)
		}
		return []array{out}
	},
	"Reshape": func(_ onnxNode, in []array) []array {
		shape, open, rest := in[1].ints(), -1, 1
		for i, d := range shape {
			if d == 0 {
				shape[i] = in[0].shape[i]
			}
			if d == -1 {
				open = i
			} else {
				rest *= shape[i]
			}
		}
		if open >= 0 {
			shape[open] = len(in[0].data) / rest
		}
		return []array{{shape, in[0].data}}
	},
	"Flatten": func(_ onnxNode, in []array) []array {
		return []array{{[]int{in[0].shape[0], size(in[0].shape[1:])}, in[0].data}}
	},
	"Transpose": func(n onnxNode, in []array) []array {
		if n.ints["perm"] == nil {
			n.ints["perm"] = []int{1, 0}
		}
		return []array{in[0].transpose(n.ints["perm"])}
	},
	"Expand": func(_ onnxNode, in []array) []array {
		return []array{from(broadcast(in[0].shape, in[1].ints()), in[0].get)}
	},
	"Shape": func(_ onnxNode, in []array) []array {
		out := array{shape: []int{len(in[0].shape)}}
		for _, d := range in[0].shape {
			out.data = append(out.data, float64(d))
		}
		return []array{out}
	},
	"ConstantOfShape": func(n onnxNode, in []array) []array {
		return []array{zeros(in[0].ints()...).apply(func(float64) float64 { return n.tensor["value"].data[0] })}
	},
	"Unsqueeze": func(_ onnxNode, in []array) []array {
		axis := in[1].ints()[0]
		if axis < 0 {
			axis += len(in[0].shape) + 1
		}
		return []array{{slices.Insert(slices.Clone(in[0].shape), axis, 1), in[0].data}}
	},
	"Squeeze": func(_ onnxNode, in []array) []array {
		axis := in[1].ints()[0]
		return []array{{slices.Delete(slices.Clone(in[0].shape), axis, axis+1), in[0].data}}
	},
	"Gather": func(n onnxNode, in []array) []array {
		axis, places := n.ints["axis"][0], in[1].ints()
		for i, p := range places {
			if p < 0 {
				places[i] += in[0].shape[axis]
			}
		}
		out := in[0].part(axis, places)
		if len(in[1].shape) == 0 {
			out.shape = slices.Delete(out.shape, axis, axis+1)
		}
		return []array{out}
	},
	"Slice": func(_ onnxNode, in []array) []array {
		axis := in[3].ints()[0]
		n := in[0].shape[axis]
		if in[4].data[0] == -1 { // of the whole, backwards
			places := count(0, n)
			slices.Reverse(places)
			return []array{in[0].part(axis, places)}
		}
		limit := func(i int) int {
			if i < 0 {
				i += n
			}
			return min(max(i, 0), n)
		}
		return []array{in[0].part(axis, count(limit(in[1].ints()[0]), limit(int(min(in[2].data[0], 1e9)))))}
	},
	"Concat": func(n onnxNode, in []array) []array {
		axis := n.ints["axis"][0]
		if axis < 0 {
			axis += len(in[0].shape)
		}
		shape := slices.Clone(in[0].shape)
		for _, a := range in[1:] {
			shape[axis] += a.shape[axis]
		}
		return []array{from(shape, func(at []int) float64 {
			place, which := slices.Clone(at), 0
			for place[axis] >= in[which].shape[axis] {
				place[axis] -= in[which].shape[axis]
				which++
			}
			return in[which].get(place)
		})}
	},
	"Pad": func(_ onnxNode, in []array) []array {
		pads, n := in[1].ints(), len(in[0].shape)
		shape := slices.Clone(in[0].shape)
		for i := range shape {
			shape[i] += pads[i] + pads[i+n]
		}
		return []array{from(shape, func(at []int) float64 {
			place := slices.Clone(at)
			for i := range place {
				if place[i] -= pads[i]; place[i] < 0 || place[i] >= in[0].shape[i] {
					return in[2].data[0]
				}
			}
			return in[0].get(place)
		})}
	},
	"Split": func(n onnxNode, in []array) (out []array) {
		begin, sizes := 0, slices.Repeat([]int{in[0].shape[n.ints["axis"][0]] / len(n.out)}, len(n.out))
		if len(in) > 1 {
			sizes = in[1].ints()
		}
		for _, d := range sizes {
			out = append(out, in[0].part(n.ints["axis"][0], count(begin, begin+d)))
			begin += d
		}
		return out
	},
	"LogSoftmax": func(n onnxNode, in []array) []array {
		return []array{in[0].lines(n.ints["axis"][0], func(line []float64) {
			sum := 0.0
			for _, v := range line {
				sum += math.Exp(v)
			}
			for i := range line {
				line[i] -= math.Log(sum)
			}
		})}
	},
	"Softmax": func(n onnxNode, in []array) []array {
		axis := n.ints["axis"][0]
		return []array{in[0].lines(axis, func(line []float64) {
			sum, highest := 0.0, slices.Max(line)
			for i, v := range line {
				line[i] = math.Exp(v - highest)
				sum += line[i]
			}
			for i := range line {
				line[i] /= sum
			}
		})}
	},
	"CumSum": func(_ onnxNode, in []array) []array {
		return []array{in[0].lines(in[1].ints()[0], func(line []float64) {
			for i := range line[1:] {
				line[i+1] += line[i]
			}
		})}
	},
	"ReduceMean": func(n onnxNode, in []array) []array { return []array{reduced(n, in[0], n.ints["axes"], "mean")} },
	"ReduceMax":  func(n onnxNode, in []array) []array { return []array{reduced(n, in[0], n.ints["axes"], "max")} },
	"ReduceMin": func(n onnxNode, in []array) []array {
		negative := func(v float64) float64 { return -v }
		return []array{reduced(n, in[0].apply(negative), n.ints["axes"], "max").apply(negative)}
	},
	"ReduceLogSumExp": func(n onnxNode, in []array) []array {
		return []array{reduced(n, in[0].apply(math.Exp), n.ints["axes"], "sum").apply(math.Log)}
	},
	"ReduceSum":  func(n onnxNode, in []array) []array { return []array{reduced(n, in[0], in[1].ints(), "sum")} },
	"GridSample": func(n onnxNode, in []array) []array { return []array{gridSample(in[0], in[1])} },
	"LSTM":       func(n onnxNode, in []array) []array { return lstm(n, in) },
}

func reduced(n onnxNode, x array, axes []int, how string) array {
	if axes = slices.Clone(axes); axes == nil {
		axes = count(0, len(x.shape))
	}
	for i, axis := range axes {
		if axis < 0 {
			axes[i] += len(x.shape)
		}
	}
	slices.Sort(axes)
	for _, axis := range slices.Backward(axes) {
		x = x.lines(axis, func(line []float64) {
			v := slices.Max(line)
			if how != "max" {
				v = 0
				for _, one := range line {
					v += one
				}
			}
			if how == "mean" {
				v /= float64(len(line))
			}
			line[0] = v
		}).part(axis, []int{0})
		if n.ints["keepdims"][0] == 0 {
			x.shape = slices.Delete(slices.Clone(x.shape), axis, axis+1)
		}
	}
	return x
}

func matmul(a, b array) array {
	inner, n := a.shape[len(a.shape)-1], len(a.shape)
	shape := append(slices.Clone(broadcast(a.shape[:n-2], b.shape[:len(b.shape)-2])), a.shape[n-2], b.shape[len(b.shape)-1])
	return from(shape, func(at []int) (sum float64) {
		left, right := slices.Clone(at), slices.Clone(at)
		for i := range inner {
			left[len(at)-1], right[len(at)-2] = i, i
			sum += a.get(left) * b.get(right)
		}
		return sum
	})
}

// windowed makes an array of what windows of a size see of x, of as many dimensions as there
// are behind batch and channels. see gets the output's place, and of each place that its
// window has within x the place there and within the window; of an output it gets nil first.
func windowed(n onnxNode, x array, channels int, window []int, see func(at, place, within []int, sum float64) float64) array {
	stride, pads := n.ints["strides"], n.ints["pads"]
	shape := []int{x.shape[0], channels}
	for i, k := range window {
		shape = append(shape, (x.shape[2+i]+pads[i]+pads[i+len(window)]-k)/stride[i]+1)
	}
	place := make([]int, len(x.shape))
	return from(shape, func(at []int) float64 {
		sum := see(at, nil, nil, 0)
		each(window, func(within []int) {
			copy(place, at)
			for i, k := range within {
				place[2+i] = at[2+i]*stride[i] + k - pads[i]
				if place[2+i] < 0 || place[2+i] >= x.shape[2+i] {
					return
				}
			}
			sum = see(at, place, within, sum)
		})
		return sum
	})
}

func conv(n onnxNode, in []array) array {
	x, w := in[0], in[1]
	perGroup := w.shape[0] / n.ints["group"][0]
	kernel := make([]int, len(w.shape))
	return windowed(n, x, w.shape[0], w.shape[2:], func(at, place, within []int, sum float64) float64 {
		if place == nil {
			if len(in) > 2 {
				return in[2].data[at[1]]
			}
			return 0
		}
		kernel[0] = at[1]
		copy(kernel[2:], within)
		for c := range w.shape[1] {
			place[1], kernel[1] = at[1]/perGroup*w.shape[1]+c, c
			sum += x.get(place) * w.get(kernel)
		}
		return sum
	})
}

func pool(n onnxNode, x array, largest bool) array {
	kernel := n.ints["kernel_shape"]
	return windowed(n, x, x.shape[1], kernel, func(_, place, _ []int, seen float64) float64 {
		switch {
		case place == nil && largest:
			return math.Inf(-1)
		case place == nil:
			return 0
		case largest:
			return max(seen, x.get(place))
		}
		return seen + x.get(place)/float64(size(kernel))
	})
}

// gridSample is bilinear, with the nearest pixel outside and corners at the pixels' edges.
func gridSample(x, grid array) array {
	h, w := x.shape[2], x.shape[3]
	place := func(v float64, n int) float64 { return min(max(((v+1)*float64(n)-1)/2, 0), float64(n-1)) }
	return from([]int{x.shape[0], x.shape[1], grid.shape[1], grid.shape[2]}, func(at []int) (sum float64) {
		s := place(grid.get([]int{at[0], at[2], at[3], 0}), w)
		r := place(grid.get([]int{at[0], at[2], at[3], 1}), h)
		for i := range 2 {
			for j := range 2 {
				y, z := min(int(r)+i, h-1), min(int(s)+j, w-1)
				a, b := math.Abs(1-float64(i)-(r-math.Floor(r))), math.Abs(1-float64(j)-(s-math.Floor(s)))
				sum += a * b * x.get([]int{at[0], at[1], y, z})
			}
		}
		return sum
	})
}

// lstm follows the equations of the operator LSTM: X (S, B, I), W (D, 4H, I), R (D, 4H, H),
// B (D, 8H), first states (D, B, H); gates input, output, forget, cell.
func lstm(n onnxNode, in []array) []array {
	x, hidden := in[0], n.ints["hidden_size"][0]
	steps, batch, directions := x.shape[0], x.shape[1], in[1].shape[0]
	y, last, cell := zeros(steps, directions, batch, hidden), zeros(directions, batch, hidden), zeros(directions, batch, hidden)
	for d := range directions {
		for b := range batch {
			h, c := make([]float64, hidden), make([]float64, hidden)
			for i := range hidden {
				h[i], c[i] = in[5].get([]int{d, b, i}), in[6].get([]int{d, b, i})
			}
			for step := range steps {
				if d == 1 {
					step = steps - 1 - step
				}
				gate := func(g, i int) float64 {
					at := g*hidden + i
					sum := in[3].get([]int{d, at}) + in[3].get([]int{d, 4*hidden + at})
					for k := range x.shape[2] {
						sum += in[1].get([]int{d, at, k}) * x.get([]int{step, b, k})
					}
					for k := range hidden {
						sum += in[2].get([]int{d, at, k}) * h[k]
					}
					return sum
				}
				next, kept := make([]float64, hidden), make([]float64, hidden)
				for i := range hidden {
					kept[i] = sigmoid(gate(2, i))*c[i] + sigmoid(gate(0, i))*math.Tanh(gate(3, i))
					next[i] = sigmoid(gate(1, i)) * math.Tanh(kept[i])
				}
				h, c = next, kept
				copy(y.data[((step*directions+d)*batch+b)*hidden:], h)
			}
			copy(last.data[(d*batch+b)*hidden:], h)
			copy(cell.data[(d*batch+b)*hidden:], c)
		}
	}
	return []array{y, last, cell}
}
