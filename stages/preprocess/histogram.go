package preprocess

import (
	"errors"
	"math"
	"slices"
	"sync"

	"vertebra/stages/internal/kernel"
)

// values are numbers that are all there.
type values []float32

// Percentiles interpolates as numpy.percentile does.
func (v values) Percentiles(percents []float64) ([]float64, error) {
	if len(v) == 0 || slices.ContainsFunc(percents, func(p float64) bool { return p != 0 && p != 100 }) {
		return percentiles(v, percents)
	}
	low, high := kernel.Range(v)
	out := make([]float64, len(percents))
	for i, p := range percents {
		if out[i] = float64(low); p == 100 {
			out[i] = float64(high)
		}
	}
	return out, nil
}

// MeanStd sums in double precision.
func (v values) MeanStd() (mean, std float64, err error) {
	if len(v) == 0 {
		return 0, 0, errors.New("the mean of no values")
	}
	for _, x := range v {
		mean += float64(x)
	}
	mean /= float64(len(v))
	for _, x := range v {
		std += (float64(x) - mean) * (float64(x) - mean)
	}
	return mean, math.Sqrt(std / float64(len(v))), nil
}

// histogram counts how often each value occurs: all that percentiles, mean and
// deviation need of a series, in a few kilobytes.
type histogram struct {
	Values []float32 // ascending
	Counts []uint64
}

// histogramOf counts values, by sorting what is counted by bits first.
func histogramOf(pixels []float32) histogram {
	counts := map[float32]uint64{}
	if low, high, whole := wholeRange(pixels); whole {
		table := make([]uint64, high-low+1)
		for _, v := range pixels {
			table[int(v)-low]++
		}
		var h histogram
		for i, n := range table {
			if n > 0 {
				h.Values, h.Counts = append(h.Values, float32(low+i)), append(h.Counts, n)
			}
		}
		return h
	}
	for _, v := range pixels {
		counts[v]++
	}
	h := histogram{Values: make([]float32, 0, len(counts))}
	for v := range counts {
		h.Values = append(h.Values, v)
	}
	slices.Sort(h.Values)
	for _, v := range h.Values {
		h.Counts = append(h.Counts, counts[v])
	}
	return h
}

// wholeRange says whether all values are whole numbers within sixteen bits.
func wholeRange(pixels []float32) (low, high int, whole bool) {
	if len(pixels) == 0 {
		return 0, 0, false
	}
	least, most := pixels[0], pixels[0]
	for _, v := range pixels {
		if !(v >= -32768 && v <= 65535) || v != float32(int32(v)) {
			return 0, 0, false
		}
		least, most = min(least, v), max(most, v)
	}
	return int(least), int(most), true
}

// histogram counts the values of a picture.
func (p *Picture) histogram() histogram {
	if p.words.Bytes == nil {
		return histogramOf(p.Pixels)
	}
	c := counters.Get().(*kernel.Counter)
	defer counters.Put(c)
	c.Add(p.words)
	return counted16(c, p.words)
}

// counters hold megabytes, and are empty.
var counters = sync.Pool{New: func() any { return new(kernel.Counter) }}

// counted16 takes what was counted of words of one kind.
func counted16(c *kernel.Counter, kind kernel.Words) histogram {
	low, high := c.Range()
	most := min(int(high-low)+1, 1<<16)
	h := histogram{make([]float32, 0, most), make([]uint64, 0, most)}
	c.Take(func(number int32, n uint64) {
		v := kind.Value(number)
		if last := len(h.Values) - 1; last >= 0 && h.Values[last] == v { // rounded to the same
			h.Counts[last] += n
			return
		}
		h.Values, h.Counts = append(h.Values, v), append(h.Counts, n)
	})
	if kind.Slope < 0 {
		slices.Reverse(h.Values)
		slices.Reverse(h.Counts)
	}
	return h
}

// tally counts the values of many pictures: those of one kind of words together,
// since to merge takes longer than to count.
type tally struct {
	counter *kernel.Counter
	kind    kernel.Words // of what the counter holds, without bytes
	done    histogram
}

func (t *tally) add(p *Picture) {
	if p.words.Bytes == nil {
		t.done = t.done.merge(histogramOf(p.Pixels))
		return
	}
	if kind := p.words; kind.Slope != t.kind.Slope || kind.Intercept != t.kind.Intercept {
		t.flush()
		t.kind = kernel.Words{Slope: kind.Slope, Intercept: kind.Intercept}
	}
	t.counter.Add(p.words)
}

// close gives the counter back, empty.
func (t *tally) close() {
	t.counter.Take(func(int32, uint64) {})
	counters.Put(t.counter)
}

func (t *tally) flush() {
	if h := counted16(t.counter, t.kind); len(h.Values) > 0 {
		t.done = t.done.merge(h)
	}
}

// statisticsOfAll are of a picture's values.
func (p *Picture) statisticsOfAll() Statistics {
	if p.words.Bytes == nil {
		return values(p.Pixels)
	}
	return p.histogram()
}

// merge adds another histogram's counts.
func (h histogram) merge(o histogram) histogram {
	if len(h.Values) == 0 {
		return o
	}
	var out histogram
	i, j := 0, 0
	for i < len(h.Values) || j < len(o.Values) {
		switch {
		case j == len(o.Values) || i < len(h.Values) && h.Values[i] < o.Values[j]:
			out.Values, out.Counts = append(out.Values, h.Values[i]), append(out.Counts, h.Counts[i])
			i++
		case i == len(h.Values) || o.Values[j] < h.Values[i]:
			out.Values, out.Counts = append(out.Values, o.Values[j]), append(out.Counts, o.Counts[j])
			j++
		default:
			out.Values, out.Counts = append(out.Values, h.Values[i]), append(out.Counts, h.Counts[i]+o.Counts[j])
			i, j = i+1, j+1
		}
	}
	return out
}

func (h histogram) total() uint64 {
	var n uint64
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// Percentiles interpolates between the two nearest ranks, as numpy.percentile.
func (h histogram) Percentiles(percents []float64) ([]float64, error) {
	n := h.total()
	if n == 0 {
		return nil, errors.New("percentiles of no values")
	}
	out := make([]float64, len(percents))
	for i, percent := range percents {
		place := percent / 100 * float64(n-1)
		rank := uint64(place)
		low, high := float64(h.at(rank)), float64(h.at(min(rank+1, n-1)))
		out[i] = low + (high-low)*(place-float64(rank))
	}
	return out, nil
}

// at is the value that sorting all would put at a rank.
func (h histogram) at(rank uint64) float32 {
	for i, n := range h.Counts {
		if rank < n {
			return h.Values[i]
		}
		rank -= n
	}
	return h.Values[len(h.Values)-1]
}

// MeanStd weighs each value by its count.
func (h histogram) MeanStd() (mean, std float64, err error) {
	n := float64(h.total())
	if n == 0 {
		return 0, 0, errors.New("the mean of no values")
	}
	for i, v := range h.Values {
		mean += float64(v) * float64(h.Counts[i])
	}
	mean /= n
	for i, v := range h.Values {
		std += (float64(v) - mean) * (float64(v) - mean) * float64(h.Counts[i])
	}
	return mean, math.Sqrt(std / n), nil
}
