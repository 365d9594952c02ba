package train

import (
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// indices lists the images of a split, in their stored order.
func indices(images *preprocess.Images, split stage.Split) []int {
	var out []int
	for i, c := range images.Cases {
		if c.Split == split {
			out = append(out, i)
		}
	}
	return out
}

// batches cuts items into batches. In training a last batch of one image is
// left out: batch-norm cannot tell a spread from one value.
func batches(items []int, size int, training bool) [][]int {
	var out [][]int
	for len(items) > 0 {
		n := min(size, len(items))
		if !(training && n == 1 && len(out) > 0) {
			out = append(out, items[:n])
		}
		items = items[n:]
	}
	return out
}

// batch is the content of some images.
type batch struct {
	pixels  []byte
	targets []int64
	samples []string
	groups  []string
	tags    []map[string]string
}

// gather copies images from the memory map into one block.
func gather(images *preprocess.Images, items []int) batch {
	shape := images.Shape()
	size := shape.Channels * shape.Height * shape.Width * images.BytesPerPixel()
	b := batch{pixels: make([]byte, 0, size*len(items))}
	for _, i := range items {
		b.pixels = append(b.pixels, images.Bytes(i)...)
		b.targets = append(b.targets, int64(images.Cases[i].Label))
		b.samples = append(b.samples, images.Cases[i].ID)
		b.groups = append(b.groups, images.Cases[i].Group)
		b.tags = append(b.tags, images.Cases[i].Tags)
	}
	return b
}
