package train

import (
	"fmt"

	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// indices lists the images of a split in their stored order, each by its first case.
func indices(images *preprocess.Images, split stage.Split) []int {
	var out []int
	for i, c := range images.Cases {
		if c.Split == split && (len(out) == 0 || images.Of(i) != images.Of(out[len(out)-1])) {
			out = append(out, i)
		}
	}
	return out
}

// batches cuts items into batches. A last one of fewer than the least is left out, unless it is
// the only one.
func batches(items []int, size, least int) [][]int {
	var out [][]int
	for len(items) > 0 {
		n := min(size, len(items))
		if n >= least || len(out) == 0 {
			out = append(out, items[:n])
		}
		items = items[n:]
	}
	return out
}

// batch describes images that an epoch has shown so many times before. A phase of so many
// views shows the same ones again.
func (t *trainer) batch(items, times []int) batch {
	b := describe(t.images, items, t.soft.shares)
	if t.phase.Views == 0 {
		b.tellApart(times)
	}
	return b
}

// repeats counts for each place of an epoch's order how often its image stands before
// it.
func repeats(order []int) []int {
	out, seen := make([]int, len(order)), map[int]int{}
	for i, item := range order {
		out[i] = seen[item]
		seen[item]++
	}
	return out
}

// tellApart gives images that an epoch shows again a name of their own for augmentation,
// which else would show the very same pixels again.
func (b batch) tellApart(times []int) {
	for i := range b.samples {
		if times[i] > 0 {
			b.samples[i] = fmt.Sprintf("%s\x00%d", b.samples[i], times[i])
		}
	}
}
