//go:build cgo

package kernel

// #cgo CFLAGS: -O3
// #include "kernel.h"
import "C"

import "unsafe"

func floats(s []float32) *C.float { return (*C.float)(unsafe.SliceData(s)) }
func bytes(s []byte) *C.uint8_t   { return (*C.uint8_t)(unsafe.SliceData(s)) }

// fill says how words are read; C keeps nothing of it.
func (w Words) fill(c *C.kernel_words) {
	c.flip, c.up, c.down, c.slope, c.intercept = C.int32_t(w.Flip), C.int32_t(w.Up&15), C.int32_t(w.Down&15), C.double(w.Slope), C.double(w.Intercept)
	if w.Signed {
		c.is_signed = 1
	}
}

func (w Words) floats(out []float32) {
	var c C.kernel_words
	w.fill(&c)
	C.kernel_floats(bytes(w.Bytes), &c, C.size_t(len(out)), floats(out))
}

func (w Words) storedRange() (low, high int32) {
	var c C.kernel_words
	w.fill(&c)
	C.kernel_word_range(bytes(w.Bytes), &c, C.size_t(w.Len()), (*C.int32_t)(&low), (*C.int32_t)(&high))
	return low, high
}

func (w Words) count(tables []uint32) {
	var c C.kernel_words
	w.fill(&c)
	C.kernel_count(bytes(w.Bytes), &c, C.size_t(w.Len()), lowest, (*C.uint32_t)(unsafe.SliceData(tables)), numbers)
}

// size goes by value, and the arrays one by one: memory that C is given may hold no
// pointers into Go's.
func (t Taps) size() C.kernel_taps {
	return C.kernel_taps{outputs: C.int32_t(t.Outputs()), count: C.int32_t(t.Count), reach: C.int32_t(t.reach), widest: C.int32_t(t.widest)}
}

func (t Taps) first() *C.int32_t { return (*C.int32_t)(unsafe.SliceData(t.First)) }

func resampleFloats(in []float32, width int, across, down Taps, row, out []float32) {
	C.kernel_resample_floats(floats(in), C.int32_t(width), C.int32_t(across.left), C.int32_t(across.right),
		across.size(), across.first(), floats(across.Weights), down.size(), down.first(), floats(down.Weights), floats(row), floats(out))
}

func (w Words) resample(width int, across, down Taps, row, out []float32) {
	var c C.kernel_words
	w.fill(&c)
	C.kernel_resample_words(bytes(w.Bytes), &c, C.int32_t(width), C.int32_t(across.left), C.int32_t(across.right),
		across.size(), across.first(), floats(across.Weights), down.size(), down.first(), floats(down.Weights), floats(row), floats(out))
}

func valueRange(in []float32) (low, high float32) {
	C.kernel_range(floats(in), C.size_t(len(in)), (*C.float)(&low), (*C.float)(&high))
	return low, high
}

func allNumbers(in []float32) bool { return C.kernel_numbers(floats(in), C.size_t(len(in))) != 0 }

func columnSums(in []float32, width int, out []float64) {
	C.kernel_column_sums(floats(in), C.size_t(len(in)/width), C.size_t(width), (*C.double)(unsafe.SliceData(out)))
}

func window(pixels []float32, low, span float32) {
	C.kernel_window(floats(pixels), C.size_t(len(pixels)), C.float(low), C.float(span))
}

func levels(pixels []float32) { C.kernel_levels(floats(pixels), C.size_t(len(pixels))) }

func quantise(in []float32, size int, out []byte) Sums {
	var c C.kernel_sums
	if size == 1 {
		C.kernel_quantise8(floats(in), C.size_t(len(in)), bytes(out), &c)
	} else {
		C.kernel_quantise16(floats(in), C.size_t(len(in)), bytes(out), &c)
	}
	return Sums{uint64(c.sum), uint64(c.squares), int(c.bad)}
}

func pack(pixels []float32, low, step float32, out []byte) {
	C.kernel_pack(floats(pixels), C.size_t(len(pixels)), C.float(low), C.float(step), bytes(out))
}

func unpack(in []byte, low, step float32, out []float32) {
	C.kernel_unpack(bytes(in), C.size_t(len(out)), C.float(low), C.float(step), floats(out))
}
