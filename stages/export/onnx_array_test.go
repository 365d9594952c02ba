package export

import "slices"

// array is a tensor of the interpreter, in row-major order; whole numbers are floats too.
type array struct {
	shape []int
	data  []float64
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func zeros(shape ...int) array { return array{slices.Clone(shape), make([]float64, size(shape))} }

func (a array) ints() (out []int) {
	for _, v := range a.data {
		out = append(out, int(v))
	}
	return out
}

// each visits all places of a shape.
func each(shape []int, visit func(at []int)) {
	at := make([]int, len(shape))
	for range size(shape) {
		visit(at)
		for i := len(at) - 1; i >= 0; i-- {
			if at[i]++; at[i] < shape[i] {
				break
			}
			at[i] = 0
		}
	}
}

// get reads a place of a broader shape: dimensions of length 1 repeat, missing ones too.
func (a array) get(at []int) float64 {
	n := 0
	at = at[len(at)-len(a.shape):]
	for i, d := range a.shape {
		n *= d
		if d > 1 {
			n += at[i]
		}
	}
	return a.data[n]
}

// from makes an array of a shape by a function of places.
func from(shape []int, f func(at []int) float64) array {
	out := array{slices.Clone(shape), make([]float64, 0, size(shape))}
	each(shape, func(at []int) { out.data = append(out.data, f(at)) })
	return out
}

// broadcast is the shape that both fit.
func broadcast(a, b []int) []int {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := slices.Clone(a)
	for i, d := range b {
		if j := len(a) - len(b) + i; out[j] == 1 {
			out[j] = d
		}
	}
	return out
}

func combine(a, b array, f func(x, y float64) float64) array {
	return from(broadcast(a.shape, b.shape), func(at []int) float64 { return f(a.get(at), b.get(at)) })
}

func (a array) apply(f func(float64) float64) array {
	out := array{a.shape, make([]float64, len(a.data))}
	for i, v := range a.data {
		out.data[i] = f(v)
	}
	return out
}

func (a array) transpose(order []int) array {
	shape := make([]int, len(order))
	for i, o := range order {
		shape[i] = a.shape[o]
	}
	return from(shape, func(at []int) float64 {
		place := make([]int, len(at))
		for i, o := range order {
			place[o] = at[i]
		}
		return a.get(place)
	})
}

// lines folds each line along an axis.
func (a array) lines(axis int, f func(line []float64)) array {
	out := array{a.shape, slices.Clone(a.data)}
	inner := size(a.shape[axis+1:])
	n := a.shape[axis]
	for start := range len(a.data) / n {
		from := start/inner*inner*n + start%inner
		line := make([]float64, n)
		for i := range line {
			line[i] = out.data[from+i*inner]
		}
		f(line)
		for i := range line {
			out.data[from+i*inner] = line[i]
		}
	}
	return out
}

// part takes some of the places along an axis.
func (a array) part(axis int, places []int) array {
	shape := slices.Clone(a.shape)
	shape[axis] = len(places)
	return from(shape, func(at []int) float64 {
		place := slices.Clone(at)
		place[axis] = places[at[axis]]
		return a.get(place)
	})
}

func count(from, to int) (out []int) {
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}
