package kernel

import (
	"encoding/binary"
	"math"
)

// The loops in Go. Conversions to float32 forbid the compiler to fuse a product
// with a sum, so that every processor gives the same bits.

func (w Words) stored(i int) int32 {
	v := (binary.LittleEndian.Uint16(w.Bytes[2*i:]) ^ w.Flip) << (w.Up & 15)
	if w.Signed {
		return int32(int16(v) >> (w.Down & 15))
	}
	return int32(v >> (w.Down & 15))
}

func (w Words) plainFloats(out []float32) {
	for i := range out {
		out[i] = w.Value(w.stored(i))
	}
}

func (w Words) plainRange() (low, high int32) {
	low, high = w.stored(0), w.stored(0)
	for i := range w.Len() {
		v := w.stored(i)
		low, high = min(low, v), max(high, v)
	}
	return low, high
}

func (w Words) plainCount(tables []uint32) {
	for i := range w.Len() {
		tables[w.stored(i)-lowest]++
	}
}

func plainResample(value func(i int) float32, width int, across, down Taps, row, out []float32) {
	outputs := across.Outputs()
	for y, from := range down.First {
		weights := down.Weights[y*down.Count:][:down.Count]
		for x := across.left; x < across.right; x++ {
			sum := float32(weights[0] * value(int(from)*width+x))
			for i := 1; i < down.Count; i++ {
				sum += float32(weights[i] * value((int(from)+i)*width+x))
			}
			row[x] = sum
		}
		for x, from := range across.First {
			weights := across.Weights[x*across.Count:][:across.Count]
			sum := float32(weights[0] * row[from])
			for i := 1; i < across.Count; i++ {
				sum += float32(weights[i] * row[int(from)+i])
			}
			out[y*outputs+x] = sum
		}
	}
}

func (w Words) plainResample(width int, across, down Taps, row, out []float32) {
	plainResample(func(i int) float32 { return float32(w.stored(i)) }, width, across, down, row, out)
	if w.Slope == 1 && w.Intercept == 0 {
		return
	}
	for i, v := range out {
		out[i] = float32(float64(float64(v)*w.Slope) + w.Intercept)
	}
}

func plainValueRange(in []float32) (low, high float32) {
	low, high = in[0], in[0]
	for _, v := range in {
		if v < low {
			low = v
		}
		if v > high {
			high = v
		}
	}
	return low, high
}

func plainNumbers(in []float32) bool {
	for _, v := range in {
		if v != v {
			return false
		}
	}
	return true
}

func plainColumnSums(in []float32, width int, out []float64) {
	clear(out)
	for i, v := range in {
		out[i%width] += float64(v)
	}
}

func plainWindow(pixels []float32, low, span float32) {
	part := 1 / span
	for i, v := range pixels {
		v = (v - low) * part
		if v < 0 {
			v = 0
		}
		if v > 1 {
			v = 1
		}
		pixels[i] = v
	}
}

func plainLevels(pixels []float32) {
	for i, v := range pixels {
		if v == v {
			pixels[i] = float32(math.RoundToEven(float64(min(max(v, 0), 1))*255)) / 255
		}
	}
}

func plainQuantise(in []float32, bytes int, out []byte) Sums {
	s, full := Sums{Bad: -1}, float32(uint(1)<<(8*bytes)-1)
	for i, v := range in {
		if v != v && s.Bad < 0 {
			s.Bad = i
		}
		n := uint64(float32(clipped(v, 1)*full) + 0.5)
		if bytes == 1 {
			out[i] = byte(n)
		} else {
			binary.LittleEndian.PutUint16(out[2*i:], uint16(n))
		}
		s.Sum += n
		s.Squares += n * n
	}
	return s
}

// clipped puts a value between 0 and high; what is not a number becomes 0.
func clipped(v, high float32) float32 {
	if !(v > 0) {
		return 0
	}
	return min(v, high)
}

func plainPack(pixels []float32, low, step float32, out []byte) {
	part := 1 / step
	for i, v := range pixels {
		n := uint16(clipped(float32((v-low)*part)+0.5, 65535))
		binary.LittleEndian.PutUint16(out[2*i:], n)
		pixels[i] = float32(float32(n)*step) + low
	}
}

func plainUnpack(in []byte, low, step float32, out []float32) {
	for i := range out {
		out[i] = float32(float32(binary.LittleEndian.Uint16(in[2*i:]))*step) + low
	}
}
