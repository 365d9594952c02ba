package arrangement

import "math"

// leastChance stands for chances of 0 and such that are no numbers.
const leastChance = 1e-12

// board is a study whose names are being placed.
type board struct {
	candidates [][]Candidate
	logs       [][]float64 // of the chances
	// pairs[i][j] is how j lies to i; nil where that is not known or one has no candidates.
	pairs [][]*direction
	// share is one over the number of names that a name is compared with.
	share []float64
	// known keeps what fits gave: many choices have candidates in common.
	known [][][][]float64
}

// direction is a pair, seen from one of its names.
type direction struct {
	density density
	back    bool // the density is that of the offset from the other name to this one
}

func (a Arrangement) newBoard(candidates [][]Candidate) *board {
	n := len(candidates)
	b := &board{
		candidates: candidates, logs: make([][]float64, n), pairs: make([][]*direction, n),
		share: make([]float64, n), known: make([][][][]float64, n),
	}
	for k, own := range candidates {
		b.logs[k], b.pairs[k], b.known[k] = make([]float64, len(own)), make([]*direction, n), make([][][]float64, len(own))
		for c, candidate := range own {
			b.logs[k][c] = logOf(candidate.Chance)
		}
	}
	for _, p := range a.Pairs {
		d, err := p.density(min(n, len(a.Names)))
		if err != nil || len(candidates[p.From]) == 0 || len(candidates[p.To]) == 0 || b.pairs[p.From][p.To] != nil {
			continue
		}
		b.pairs[p.From][p.To], b.pairs[p.To][p.From] = &direction{density: d}, &direction{density: d, back: true}
		b.share[p.From]++
		b.share[p.To]++
	}
	for k, others := range b.share {
		b.share[k] = 1 / max(others, 1)
	}
	return b
}

func logOf(chance float64) float64 {
	if !(chance >= leastChance) {
		return math.Log(leastChance)
	}
	return math.Log(min(chance, 1))
}

// fits is how well each candidate of each name fits a candidate of name j: by name, nil for
// those that j is in no pair with, and candidate.
func (b *board) fits(j, at int) [][]float64 {
	if b.known[j][at] != nil {
		return b.known[j][at]
	}
	out := make([][]float64, len(b.candidates))
	from := b.candidates[j][at].At
	for k, own := range b.candidates {
		d := b.pairs[j][k]
		if d == nil {
			continue
		}
		out[k] = make([]float64, len(own))
		for c := range own {
			out[k][c] = d.fit(from, own[c].At)
		}
	}
	b.known[j][at] = out
	return out
}

// fit is that of two places, the direction's own name first.
func (d *direction) fit(own, other *Place) float64 {
	if !own.finite() || !other.finite() {
		return indifferent
	}
	if d.back {
		own, other = other, own
	}
	return d.density.fit(own.to(*other))
}
