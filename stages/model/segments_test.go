package model

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSegmentsNeedLeast: no division of a net's layers needs less than the chosen one, by trying
// all of them, also from a layer on.
func TestSegmentsNeedLeast(t *testing.T) {
	t.Parallel()
	draw := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := 1 + draw.IntN(8)
		size := Size{kept: []left{{numbers: int64(1 + draw.IntN(9))}}}
		for i := range n {
			out, more := int64(1+draw.IntN(20)), left{numbers: int64(draw.IntN(60)), places: int64(draw.IntN(5))}
			more.numbers += out
			size.Outputs, size.kept = append(size.Outputs, out), append(size.kept, size.kept[i].plus(more))
		}
		from := draw.IntN(n)
		got, least := size.segments(from), int64(math.MaxInt64)
		for chosen := range 1 << (n - from - 1) {
			begins := []int{from}
			for i := range n - from - 1 {
				if chosen>>i&1 == 1 {
					begins = append(begins, from+1+i)
				}
			}
			least = min(least, size.worst(begins).bytes())
		}
		if need := size.worst(got).bytes(); need != least || got[0] != from || !slices.IsSorted(got) {
			t.Fatalf("from layer %d of %d: segments at %v need %d, others %d", from, n, got, need, least)
		}
	}
}
