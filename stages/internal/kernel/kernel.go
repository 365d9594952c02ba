// Package kernel holds the loops over pixels that take the time of ingest. They are
// written twice: in C, which the compiler makes vector instructions of, and in Go,
// for builds without cgo and as what tests hold the C against, bit by bit.
package kernel

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"
)

// Words are 16-bit little-endian numbers as a DICOM file has them. A value is the
// number shifted Up bits up and Down bits down again, in 16 bits, with or without
// its sign, times Slope, plus Intercept.
type Words struct {
	Bytes            []byte
	Flip             uint16 // bits that are turned first
	Up, Down         int    // 0 to 15
	Signed           bool
	Slope, Intercept float64
}

// Len is how many numbers there are.
func (w Words) Len() int { return len(w.Bytes) / 2 }

// Part is some of the numbers.
func (w Words) Part(from, to int) Words {
	w.Bytes = w.Bytes[2*from : 2*to]
	return w
}

// Floats computes as many values as out has room for: in double precision, then
// rounded.
func (w Words) Floats(out []float32) {
	if len(out) > w.Len() {
		panic(fmt.Sprintf("kernel: %d values of %d words", len(out), w.Len()))
	}
	if len(out) > 0 {
		w.floats(out)
	}
}

// Value is that of one stored number.
func (w Words) Value(stored int32) float32 {
	if w.Slope == 1 && w.Intercept == 0 {
		return float32(stored)
	}
	return float32(float64(float64(stored)*w.Slope) + w.Intercept)
}

// Counter counts stored numbers, before slope and intercept, of any amount of words.
// The zero Counter is empty.
type Counter struct {
	tables    []uint32 // four, so that equal neighbours need not wait for one another
	low, high int32    // of what was counted
	some      bool
}

// Stored numbers lie from lowest on; there are so many.
const (
	lowest  = -1 << 15
	numbers = 3 << 15
)

// Add counts all numbers of some words.
func (c *Counter) Add(w Words) {
	if w.Len() == 0 {
		return
	}
	low, high := w.storedRange()
	if c.some {
		low, high = min(low, c.low), max(high, c.high)
	}
	if c.tables == nil {
		c.tables = make([]uint32, 4*numbers)
	}
	c.low, c.high, c.some = low, high, true
	w.count(c.tables)
}

// Range is from the smallest number that was counted to the largest.
func (c *Counter) Range() (low, high int32) { return c.low, c.high }

// Take shows the numbers that occur, in ascending order, and forgets them.
func (c *Counter) Take(show func(number int32, count uint64)) {
	if !c.some {
		return
	}
	for n := c.low; n <= c.high; n++ {
		count := uint64(0)
		for i := int(n) - lowest; i < len(c.tables); i += numbers {
			count += uint64(c.tables[i])
			c.tables[i] = 0
		}
		if count > 0 {
			show(n, count)
		}
	}
	c.some = false
}

// Taps are what the outputs of one direction take from the inputs: output i the
// Count inputs from First[i] on, with the weights from i·Count on.
type Taps struct {
	Count   int
	First   []int32
	Weights []float32

	inputs      int // 1 past the last that is taken
	left, right int // the inputs that are taken at all
	reach       int // inputs over which any eight outputs spread, see kernel_taps
	widest      int // bits of the vectors that may be used; fewer in tests
}

// NewTaps makes taps for so many inputs. Output i has the weights in weights[i], the
// first of which is of input first[i]; none may be empty or reach beyond the inputs.
func NewTaps(inputs int, first []int, weights [][]float32) Taps {
	t := Taps{First: make([]int32, len(first)), inputs: inputs, left: inputs, widest: 512}
	for i, w := range weights {
		if len(w) == 0 || first[i] < 0 || first[i]+len(w) > inputs {
			panic(fmt.Sprintf("kernel: output %d takes %d inputs from %d of %d", i, len(w), first[i], inputs))
		}
		t.Count = max(t.Count, len(w))
	}
	t.Weights = make([]float32, len(first)*t.Count)
	for i, w := range weights {
		at := min(first[i], inputs-t.Count) // the rest has the weight 0
		t.First[i] = int32(at)
		copy(t.Weights[i*t.Count+first[i]-at:], w)
		t.left, t.right = min(t.left, at), max(t.right, at+t.Count)
	}
	for i, at := range t.First {
		if start := t.First[i/8*8]; at < start {
			t.reach = math.MaxInt32 // no order in them
		} else {
			t.reach = max(t.reach, int(at-start)+t.Count)
		}
	}
	return t
}

// Outputs is how many there are.
func (t Taps) Outputs() int { return len(t.First) }

// check panics where taps do not fit a plane: a programmer's mistake.
func check(values, width int, across, down Taps, out []float32) {
	if width < 1 || values%width != 0 || across.inputs != width || down.inputs != values/width || len(out) != across.Outputs()*down.Outputs() {
		panic(fmt.Sprintf("kernel: taps for %d×%d inputs and %d×%d outputs, of %d values in rows of %d to %d",
			down.inputs, across.inputs, down.Outputs(), across.Outputs(), values, width, len(out)))
	}
}

// Scratch is how many rows of memory Resample works in.
const Scratch = 4

// Resample scales a plane of a width: down first, then across. scratch is memory
// that is used if it has room for Scratch rows.
func Resample(in []float32, width int, across, down Taps, scratch, out []float32) {
	check(len(in), width, across, down, out)
	if len(out) > 0 {
		resampleFloats(in, width, across, down, rows(scratch, width), out)
	}
}

// Resample is the function Resample for words. Slope and intercept are applied to
// what comes out: they are the same whichever comes first, but for rounding.
func (w Words) Resample(width int, across, down Taps, scratch, out []float32) {
	check(w.Len(), width, across, down, out)
	if len(out) > 0 {
		w.resample(width, across, down, rows(scratch, width), out)
	}
}

func rows(scratch []float32, width int) []float32 {
	if cap(scratch) < Scratch*width {
		return make([]float32, Scratch*width)
	}
	return scratch[:Scratch*width]
}

// Range gives the smallest and the largest value of some. What is not a number is
// passed over, unless it is the first.
func Range(in []float32) (low, high float32) {
	if len(in) == 0 {
		return 0, 0
	}
	return valueRange(in)
}

// Numbers says whether all values are numbers, or infinite.
func Numbers(in []float32) bool { return len(in) == 0 || allNumbers(in) }

// Window maps low to 0 and low+span to 1, and clips the rest.
func Window(pixels []float32, low, span float32) {
	if len(pixels) > 0 {
		window(pixels, low, span)
	}
}

// Levels rounds [0, 1] to the nearest of 256 levels, to the even one between two, as
// numpy.round does; what lies outside is clipped, what is not a number stays.
func Levels(pixels []float32) {
	if len(pixels) > 0 {
		levels(pixels)
	}
}

// Sums are of quantised numbers. Bad is the place of the first value that is not a
// number; −1 when all are numbers.
type Sums struct {
	Sum, Squares uint64
	Bad          int
}

// Quantise rounds [0, 1] to unsigned little-endian numbers of one or two bytes, the
// largest of which stands for 1; what lies outside is clipped. out has room for
// them.
func Quantise(in []float32, bytes int, out []byte) Sums {
	if bytes < 1 || bytes > 2 || len(out) != bytes*len(in) {
		panic(fmt.Sprintf("kernel: %d values of %d bytes into %d", len(in), bytes, len(out)))
	}
	if len(in) == 0 {
		return Sums{Bad: -1}
	}
	return quantise(in, bytes, out)
}

// Bands cuts a plane into bands of rows, and gives for each the sum of every column,
// in double precision. Band i has the rows from i·height/bands on; one at least.
func Bands(in []float32, width, bands int) []float64 {
	if width < 1 || len(in) == 0 || len(in)%width != 0 || bands < 1 {
		panic(fmt.Sprintf("kernel: %d bands of %d values in rows of %d", bands, len(in), width))
	}
	out := make([]float64, bands*width)
	for i := range bands {
		from, to := Part(i, bands, len(in)/width)
		columnSums(in[from*width:to*width], width, out[i*width:(i+1)*width])
	}
	return out
}

// Part is where part i of so many of a length begins and ends; it has one at least.
func Part(i, of, length int) (from, to int) {
	from = i * length / of
	return from, max((i+1)*length/of, from+1)
}

// Bytes are the numbers as they lie in memory, little endian.
func Bytes(in []float32) []byte {
	if len(in) == 0 {
		return nil
	}
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return unsafe.Slice((*byte)(unsafe.Pointer(&in[0])), 4*len(in))
	}
	out := make([]byte, 0, 4*len(in))
	for _, v := range in {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}

// Pack rounds values to low + n·step, n from 0 to 65,535, and writes n in two bytes.
func Pack(pixels []float32, low, step float32, out []byte) {
	if len(out) != 2*len(pixels) {
		panic(fmt.Sprintf("kernel: %d values into %d bytes", len(pixels), len(out)))
	}
	if len(pixels) > 0 {
		pack(pixels, low, step, out)
	}
}

// Unpack gives back what Pack left of the values.
func Unpack(in []byte, low, step float32, out []float32) {
	if len(in) != 2*len(out) {
		panic(fmt.Sprintf("kernel: %d bytes for %d values", len(in), len(out)))
	}
	if len(out) > 0 {
		unpack(in, low, step, out)
	}
}
