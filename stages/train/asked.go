package train

import (
	"slices"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Shapes: B images, Q targets that the net answers of each, N rows: what is asked of the
// images of a batch, image after image. With one target N is B.

// row is one answer that is asked of an image of a batch.
type row struct {
	image, target int
	label         int64 // -1: not known
	group         string
	tags          map[string]string
}

// unknown is the label of a row that has none of its own.
const unknown = -1

// batch is what is known of some images besides their pixels.
type batch struct {
	samples []string // the names of the images
	rows    []row
}

func describe(images *preprocess.Images, items []int) (b batch) {
	for at, item := range items {
		first := images.Cases[item]
		name := first.ID
		if len(images.Targets) > 0 {
			name = first.Sample
		}
		b.samples = append(b.samples, name)
		for _, i := range casesOf(images, item) {
			c := images.Cases[i]
			b.rows = append(b.rows, row{at, c.Target, int64(c.Label), c.Group, c.Tags})
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
		}
		if sides.Targets != nil {
			rows[i].target = sides.Targets[r.target]
		}
	}
	return rows
}

// mixture is what rows of mixed images count as.
type mixture struct {
	rows      []row     // also those that only the partner has an answer to
	shares_NK []float32 // of the classes; those of a row sum to 1
	weights_N []float32 // the known part of a row's label; nil where all is known
}

// mix joins each row with the one of the same target of the image's partner. Of an answer
// that only one of the two has, its part of the loss counts: λ·loss(own) + (1−λ)·loss(other)
// without the term that is not known.
func mix(rows []row, seen augment.Augmented, k int) (m mixture) {
	of := make([][]row, len(seen.Partner))
	for _, r := range rows {
		of[r.image] = append(of[r.image], r)
	}
	for image, partner := range seen.Partner {
		share := seen.Share[image]
		for _, r := range of[image] {
			m.add(r, share, find(of[partner], r.target), k)
		}
		for _, r := range of[partner] {
			if own := find(of[image], r.target); own.image < 0 && share < 1 {
				other := r
				r.image, r.label = image, unknown
				m.add(r, share, other, k)
			}
		}
	}
	if !slices.ContainsFunc(m.weights_N, func(w float32) bool { return w != 1 }) {
		m.weights_N = nil
	}
	return m
}

// find gives the row of a target; without one a row of no image and no label.
func find(rows []row, target int) row {
	for _, r := range rows {
		if r.target == target {
			return r
		}
	}
	return row{image: -1, label: unknown}
}

// add adds a row of which so large a share is its own, the rest that of another.
func (m *mixture) add(r row, share float64, other row, k int) {
	shares, weight := make([]float32, k), float32(1)
	switch {
	case r.label >= 0 && other.label >= 0:
		shares[r.label] += float32(share)
		shares[other.label] += float32(1 - share)
	case r.label >= 0:
		shares[r.label], weight = 1, float32(share)
	case other.label >= 0:
		shares[other.label], weight = 1, float32(1-share)
	}
	m.rows, m.shares_NK, m.weights_N = append(m.rows, r), append(m.shares_NK, shares...), append(m.weights_N, weight)
}

// rowsOf takes what the net says of each row from what it says of the images: rows_NO of
// answers_B(QO).
func rowsOf(s *torch.Scope, answers_BQO torch.Tensor, rows []row, targets int) torch.Tensor {
	if targets == 1 {
		return answers_BQO
	}
	places := make([]int, len(rows))
	for i, r := range rows {
		places[i] = r.image*targets + r.target
	}
	return s.Rows(perTarget(s, answers_BQO, targets), places)
}

// perTarget makes (B·Q, O) of (B, Q·O).
func perTarget(s *torch.Scope, x torch.Tensor, targets int) torch.Tensor {
	if targets == 1 {
		return x
	}
	shape := s.Describe(x).Shape
	if s.Err() != nil {
		return torch.Tensor{}
	}
	return s.Reshape(x, shape[0]*int64(targets), shape[1]/int64(targets))
}

// targetCount is how many answers the net gives of an image.
func (t *trainer) targetCount() int { return max(1, len(t.images.Targets)) }

// Answers turns the outputs of a net that answers so many targets into probabilities_B(QK),
// those of one target of an image beside those of the next.
func (c Config) Answers(targets int) func(s *torch.Scope, logits_BQO torch.Tensor) torch.Tensor {
	if targets == 1 {
		return c.Probabilities
	}
	return func(s *torch.Scope, logits_BQO torch.Tensor) torch.Tensor {
		p := c.Probabilities(s, perTarget(s, logits_BQO, targets))
		shape := s.Describe(p).Shape
		if s.Err() != nil {
			return torch.Tensor{}
		}
		return s.Reshape(p, shape[0]/int64(targets), shape[1]*int64(targets))
	}
}

// columns says from which column of a mirrored image's answers each one comes: there are
// so many of each target. nil where nothing has a side.
func columns(sides augment.Sides, targets, each int) (out []int) {
	if sides.Classes == nil && sides.Targets == nil {
		return nil
	}
	for target := range targets {
		from := target
		if sides.Targets != nil {
			from = sides.Targets[target]
		}
		for i := range each {
			at := i
			if sides.Classes != nil && i < len(sides.Classes) {
				at = sides.Classes[i]
			}
			out = append(out, from*each+at)
		}
	}
	return out
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
