package train

import (
	"slices"

	"vertebra/stages/augment"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Shapes: B images, Q targets that the net answers of each, N rows: what is asked of the
// images of a batch, image after image. With one target N is B.

// row is one answer that is asked of an image of a batch.
type row struct {
	image, target int
	label         int64        // -1: not known
	soft          []float32    // what counts as the label in training: shares of the classes; nil: all is the label's
	point         *stage.Point // of the case, for Places; nil: nowhere
	group         string
	tags          map[string]string
}

// unknown is the label of a row that has none of its own.
const unknown = -1

// batch is what is known of some images besides their pixels.
type batch struct {
	items   []int
	samples []string // the names of the images
	rows    []row
}

// describe tells of images, with the soft labels of those that have some.
func describe(images *preprocess.Images, items []int, soft map[string][]float32) (b batch) {
	b.items = slices.Clone(items)
	for at, item := range items {
		first := images.Cases[item]
		name := first.ID
		if len(images.Targets) > 0 {
			name = first.Sample
		}
		b.samples = append(b.samples, name)
		for _, i := range casesOf(images, item) {
			c := images.Cases[i]
			b.rows = append(b.rows, row{image: at, target: c.Target, label: int64(c.Label), soft: soft[c.ID], point: c.Point, group: c.Group, tags: c.Tags})
		}
	}
	return b
}

// casesOf lists the cases of the sample whose first one, in its split, is an item.
func casesOf(images *preprocess.Images, item int) (out []int) {
	for i := item; i < len(images.Cases) && images.Of(i) == images.Of(item); i++ {
		if images.Cases[i].Split == images.Cases[item].Split {
			out = append(out, i)
		}
	}
	return out
}

// sided swaps left and right in the rows of mirrored images.
func sided(rows []row, mirrored []bool, sides augment.Sides) []row {
	if mirrored == nil || sides.Classes == nil && sides.Targets == nil {
		return rows
	}
	rows = slices.Clone(rows)
	for i, r := range rows {
		if !mirrored[r.image] {
			continue
		}
		if sides.Classes != nil && r.label >= 0 {
			rows[i].label = int64(sides.Classes[r.label])
			rows[i].soft = swapped(r.soft, sides.Classes)
		}
		if sides.Targets != nil {
			rows[i].target = sides.Targets[r.target]
		}
	}
	return rows
}

// swapped gives each class the share of its other side.
func swapped(shares []float32, sides []int) []float32 {
	if shares == nil {
		return nil
	}
	out := make([]float32, len(shares))
	for k, share := range shares {
		out[sides[k]] = share
	}
	return out
}

// count adds so large a part of the row's label, which is known, to shares of the classes.
func (r row) count(shares_K []float32, part float64) {
	if r.soft == nil {
		shares_K[r.label] += float32(part)
	}
	for k, share := range r.soft {
		shares_K[k] += float32(part * float64(share))
	}
}

// samplesOf lists the cases of each sample of a split, in the order of the first ones.
func samplesOf(cases []stage.Case, split stage.Split) (out [][]int) {
	at := map[string]int{}
	for i, c := range cases {
		if c.Split != split {
			continue
		}
		place, known := at[c.Sample]
		if c.Sample == "" || !known {
			at[c.Sample], out = len(out), append(out, []int{i})
			continue
		}
		out[place] = append(out[place], i)
	}
	return out
}
