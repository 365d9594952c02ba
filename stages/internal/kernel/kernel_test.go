package kernel

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// someWords are 16-bit words of a kind: bits stored, where they begin, sign, slope.
func someWords(r *rand.Rand, n int) Words {
	bits := 1 + r.IntN(16)
	high := bits - 1 + r.IntN(17-bits)
	w := Words{Bytes: make([]byte, 2*n), Up: 15 - high, Down: 16 - bits, Signed: r.IntN(2) == 1, Slope: 1, Flip: uint16(r.IntN(2)) * 0xffff}
	if r.IntN(2) == 1 {
		w.Slope, w.Intercept = r.Float64()*3-1, r.Float64()*2000-1000
	}
	for i := range w.Bytes {
		w.Bytes[i] = byte(r.Uint32())
	}
	return w
}

func someFloats(r *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		if out[i] = r.Float32()*1.4 - 0.2; r.IntN(50) == 0 {
			out[i] = []float32{0, 1, -1e30, 1e30, float32(math.Inf(1)), 0.5}[r.IntN(6)]
		}
	}
	return out
}

// someTaps are of a scale, or of no order.
func someTaps(r *rand.Rand, inputs int) Taps {
	if r.IntN(2) == 0 && inputs > 1 {
		return someScale(r, inputs)
	}
	first, weights := make([]int, 1+r.IntN(40)), [][]float32{}
	most := 1 + r.IntN(5)
	for i := range first {
		n := min(1+r.IntN(most), inputs)
		first[i] = r.IntN(inputs - n + 1)
		weights = append(weights, someFloats(r, n))
		for j := range weights[i] {
			weights[i][j] = min(max(weights[i][j], -2), 2)
		}
	}
	return NewTaps(inputs, first, weights)
}

// someScale takes two inputs each, in order, by vectors of any width.
func someScale(r *rand.Rand, inputs int) Taps {
	first, weights := make([]int, 1+r.IntN(60)), [][]float32{}
	for i := range first {
		first[i] = i * (inputs - 1) / len(first)
		weights = append(weights, []float32{r.Float32(), r.Float32()})
	}
	t := NewTaps(inputs, first, weights)
	t.widest = 256 * r.IntN(3)
	return t
}

func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) || x != x && y != y })
}

// TestWordsLikeGo holds what C makes of words against Go, bit by bit.
func TestWordsLikeGo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := random(seed)
		width, height := 1+r.IntN(70), 1+r.IntN(50)
		w := someWords(r, width*height)
		got, want := make([]float32, w.Len()), make([]float32, w.Len())
		w.Floats(got)
		if w.plainFloats(want); !same(got, want) {
			t.Fatalf("seed %d: values are %v, want %v", seed, got, want)
		}
		countedTwice(t, seed, w)
		across, down := someTaps(r, width), someTaps(r, height)
		got, want = make([]float32, across.Outputs()*down.Outputs()), make([]float32, across.Outputs()*down.Outputs())
		w.Resample(width, across, down, nil, got)
		if w.plainResample(width, across, down, make([]float32, width), want); !same(got, want) {
			t.Fatalf("seed %d: resampled to %v, want %v", seed, got, want)
		}
	}
}

func taken(c *Counter) map[int32]uint64 {
	out := map[int32]uint64{}
	c.Take(func(number int32, count uint64) { out[number] = count })
	return out
}

func countedTwice(t *testing.T, seed uint64, w Words) {
	t.Helper()
	var c Counter
	c.Add(w)
	c.Add(w)
	low, high := w.storedRange()
	if l, h := w.plainRange(); low != l || high != h {
		t.Fatalf("seed %d: words from %d to %d, want %d to %d", seed, low, high, l, h)
	}
	want := map[int32]uint64{}
	for i := range w.Len() {
		want[w.stored(i)] += 2
	}
	if got := taken(&c); !maps.Equal(got, want) {
		t.Fatalf("seed %d: got counts %v, want %v", seed, got, want)
	}
	plain := make([]uint32, numbers)
	w.plainCount(plain)
	for number, twice := range want {
		if got := plain[number-lowest]; 2*uint64(got) != twice {
			t.Fatalf("seed %d: Go counts %d of %d, want %d", seed, got, number, twice/2)
		}
	}
}

// TestFloatsLikeGo does the same for the rest.
func TestFloatsLikeGo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := random(seed)
		width, height := 1+r.IntN(70), 1+r.IntN(50)
		in := someFloats(r, width*height)
		low, high := Range(in)
		if l, h := plainValueRange(in); low != l || high != h {
			t.Fatalf("seed %d: got %v to %v, want %v to %v", seed, low, high, l, h)
		}
		across, down := someTaps(r, width), someTaps(r, height)
		got, want := make([]float32, across.Outputs()*down.Outputs()), make([]float32, across.Outputs()*down.Outputs())
		Resample(in, width, across, down, nil, got)
		plainResample(func(i int) float32 { return in[i] }, width, across, down, make([]float32, width), want)
		if !same(got, want) {
			t.Fatalf("seed %d: resampled to %v, want %v", seed, got, want)
		}
		if r.IntN(3) == 0 {
			in[r.IntN(len(in))] = float32(math.NaN())
		}
		sums, expected := make([]float64, width), make([]float64, width)
		columnSums(in, width, sums)
		if plainColumnSums(in, width, expected); !slices.EqualFunc(sums, expected, func(x, y float64) bool { return x == y || x != x && y != y }) {
			t.Fatalf("seed %d: column sums are %v, want %v", seed, sums, expected)
		}
		if got, want := Numbers(in), plainNumbers(in); got != want {
			t.Fatalf("seed %d: all are numbers: %v, want %v", seed, got, want)
		}
		for size := 1; size <= 2; size++ {
			a, b := make([]byte, size*len(in)), make([]byte, size*len(in))
			if x, y := Quantise(in, size, a), plainQuantise(in, size, b); x != y || !slices.Equal(a, b) {
				t.Fatalf("seed %d: quantised to %v, %v; want %v, %v", seed, x, a, y, b)
			}
		}
		a, b := slices.Clone(in), slices.Clone(in)
		Window(a, 0.1, 0.7)
		if plainWindow(b, 0.1, 0.7); !same(a, b) {
			t.Fatalf("seed %d: windowed to %v, want %v", seed, a, b)
		}
		a, b = slices.Clone(in), slices.Clone(in)
		Levels(a)
		if plainLevels(b); !same(a, b) {
			t.Fatalf("seed %d: rounded to %v, want %v", seed, a, b)
		}
		packed(t, seed, in)
	}
}

func packed(t *testing.T, seed uint64, in []float32) {
	t.Helper()
	a, b := slices.Clone(in), slices.Clone(in)
	x, y := make([]byte, 2*len(in)), make([]byte, 2*len(in))
	Pack(a, -0.2, 0.0001, x)
	if plainPack(b, -0.2, 0.0001, y); !same(a, b) || !slices.Equal(x, y) {
		t.Fatalf("seed %d: packed to %v, %v; want %v, %v", seed, x, a, y, b)
	}
	back := make([]float32, len(in))
	if Unpack(x, -0.2, 0.0001, back); !same(a, back) {
		t.Fatalf("seed %d: unpacked to %v, want %v", seed, back, a)
	}
	if plainUnpack(x, -0.2, 0.0001, back); !same(a, back) {
		t.Fatalf("seed %d: Go unpacked to %v, want %v", seed, back, a)
	}
}

// TestByHand checks the loops themselves.
func TestByHand(t *testing.T) {
	t.Parallel()
	w := Words{Bytes: []byte{0xff, 0x0f, 0x00, 0x08, 1, 0, 1, 0}, Up: 4, Down: 4, Signed: true, Slope: 2, Intercept: 1}
	got := make([]float32, 4)
	if w.Floats(got); !slices.Equal(got, []float32{-1, -4095, 3, 3}) {
		t.Errorf("got %v, want -1, -4095, 3, 3", got)
	}
	var c Counter
	c.Add(w)
	c.Add(w.Part(2, 4))
	if counts := taken(&c); fmt.Sprint(counts) != "map[-2048:1 -1:1 1:4]" {
		t.Errorf("got the counts %v, want -2048 and -1 once, 1 four times", counts)
	}
	if counts := taken(&c); len(counts) > 0 {
		t.Errorf("got %v of what was taken", counts)
	}
	if bands := Bands([]float32{1, 2, 3, 4, 5, 6}, 2, 2); !slices.Equal(bands, []float64{1, 2, 3 + 5, 4 + 6}) {
		t.Errorf("got the bands %v, want 1, 2, 8, 10", bands)
	}
	half := NewTaps(2, []int{0}, [][]float32{{0.5, 0.5}})
	one := make([]float32, 1)
	if w.Resample(2, half, half, nil, one); one[0] != (-1-4095+3+3)/4.0 {
		t.Errorf("got %v, want the mean %v", one[0], (-1-4095+3+3)/4.0)
	}
	out := make([]byte, 6)
	if s := Quantise([]float32{0.5, 2, -1}, 2, out); s != (Sums{32768 + 65535, 32768*32768 + 65535*65535, -1}) || binary.LittleEndian.Uint16(out) != 32768 {
		t.Errorf("got %v, %v", s, out)
	}
}

func BenchmarkResampleWords(b *testing.B) {
	r := random(1)
	w := Words{Bytes: make([]byte, 2*384*384), Up: 0, Down: 0, Slope: 1}
	first, weights := make([]int, 224), make([][]float32, 224)
	for i := range first {
		first[i], weights[i] = i*383/224, []float32{r.Float32(), r.Float32()}
	}
	taps, out, row := NewTaps(384, first, weights), make([]float32, 224*224), make([]float32, 384)
	for b.Loop() {
		w.Resample(384, taps, taps, row, out)
	}
}
