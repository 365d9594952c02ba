package preprocess

import (
	"errors"
	"math"
)

// percentiles interpolates linearly between the two nearest ranks, as
// numpy.percentile does by default: percent p of n sorted values lies at index
// p/100·(n−1). Values are left as they are.
func percentiles(values []float32, percents []float64) ([]float64, error) {
	if len(values) == 0 {
		return nil, errors.New("percentiles of no values")
	}
	var ranks []int
	for _, percent := range percents {
		low := int(percent / 100 * float64(len(values)-1))
		ranks = append(ranks, low, min(low+1, len(values)-1))
	}
	ranked := atRanks(values, ranks)
	out := make([]float64, len(percents))
	for i, percent := range percents {
		part := percent/100*float64(len(values)-1) - float64(ranks[2*i])
		low, high := float64(ranked[2*i]), float64(ranked[2*i+1])
		out[i] = low + (high-low)*part
	}
	return out, nil
}

// atRanks gives the values that sorting would put at some indices. It counts by
// the upper half of each number's bits, then by the lower half where a rank
// falls: two passes instead of a sort, since a series has millions of values.
func atRanks(values []float32, ranks []int) []float32 {
	upper := make([]uint32, 1<<16)
	for _, v := range values {
		upper[ordered(v)>>16]++
	}
	buckets, within := make([]int, len(ranks)), make([]int, len(ranks))
	for i, rank := range ranks {
		buckets[i], within[i] = locate(upper, rank)
	}
	lower := map[int][]uint32{}
	for _, bucket := range buckets {
		lower[bucket] = nil
	}
	for bucket := range lower {
		lower[bucket] = count(values, bucket)
	}
	out := make([]float32, len(ranks))
	for i, bucket := range buckets {
		low, _ := locate(lower[bucket], within[i])
		out[i] = unordered(uint32(bucket)<<16 | uint32(low))
	}
	return out
}

// count counts by their lower bits the values that have some upper bits.
func count(values []float32, bucket int) []uint32 {
	out := make([]uint32, 1<<16)
	for _, v := range values {
		if k := ordered(v); int(k>>16) == bucket {
			out[k&0xffff]++
		}
	}
	return out
}

// locate finds the count that a rank falls into, and its rank within it.
func locate(counts []uint32, rank int) (at, within int) {
	for at, n := range counts {
		if rank < int(n) {
			return at, rank
		}
		rank -= int(n)
	}
	return len(counts) - 1, 0
}

// ordered maps a float to an integer of the same order: negative numbers have
// all their bits turned, others their sign alone.
func ordered(v float32) uint32 {
	bits := math.Float32bits(v)
	return bits ^ (uint32(int32(bits)>>31) | 1<<31)
}

func unordered(k uint32) float32 {
	if k>>31 == 1 {
		return math.Float32frombits(k ^ 1<<31)
	}
	return math.Float32frombits(^k)
}
