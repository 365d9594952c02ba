package train

import (
	"slices"

	"vertebra/stages/augment"
)

// mixture is what rows of mixed images, or of soft labels, count as.
type mixture struct {
	rows      []row     // also those that only the partner has an answer to
	shares_NK []float32 // of the classes; those of a row sum to 1
	weights_N []float32 // the known part of a row's label; nil where all is known
}

// mix joins each row with the one of the same target of the image's partner. Of an answer
// that only one of the two has, its part of the loss counts: λ·loss(own) + (1−λ)·loss(other)
// without the term that is not known. Images that are not mixed have no partner.
func mix(rows []row, seen augment.Augmented, k int) (m mixture) {
	if seen.Partner == nil {
		for _, r := range rows {
			m.add(r, 1, row{label: unknown}, k)
		}
		return m
	}
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
		r.count(shares, share)
		other.count(shares, 1-share)
	case r.label >= 0:
		r.count(shares, 1)
		weight = float32(share)
	case other.label >= 0:
		other.count(shares, 1)
		weight = float32(1 - share)
	}
	m.rows, m.shares_NK, m.weights_N = append(m.rows, r), append(m.shares_NK, shares...), append(m.weights_N, weight)
}
