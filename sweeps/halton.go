package sweeps

import (
	"vertebra/stages/stage"
)

func init() {
	Searches.Add("halton", "points spread more evenly than by chance (a scrambled Halton sequence): better than random for few trials", Halton{})
}

// Halton is the sequence of Halton (1960), its digits permuted at random, and the
// same for each digit of a base, against the stripes of large bases (Owen 2017,
// "A randomized Halton algorithm in R").
type Halton struct{}

// Next gives the point of the trial's number.
func (Halton) Next(q Question) (Proposal, error) {
	free := q.Space.Free()
	place := map[string]int{}
	for i, p := range free {
		place[p.Path] = i
	}
	at, err := q.fresh(func(i int) Point {
		// Points that are taken, in a space of steps, are skipped far ahead.
		n := q.Number + i*(maxGrid+1)
		return q.Space.Fill(func(p Param) float64 {
			return p.At(radicalInverse(n, prime(place[p.Path]), q.Seed))
		})
	})
	return Proposal{Point: at}, err
}

// radicalInverse mirrors the digits of n at the point, each permuted.
func radicalInverse(n, base int, seed uint64) float64 {
	out, scale := 0.0, 1.0
	for digit := 0; scale > 1e-12; digit++ {
		scale /= float64(base)
		permuted := stage.Rand(seed, "sweep halton", base, digit).Perm(base)
		out += scale * float64(permuted[n%base])
		n /= base
	}
	return out
}

// prime gives the i-th prime number, from 2.
func prime(i int) int {
	for n := 2; ; n++ {
		composite := false
		for d := 2; d*d <= n; d++ {
			composite = composite || n%d == 0
		}
		if composite {
			continue
		}
		if i == 0 {
			return n
		}
		i--
	}
}

// Independent says that no proposal depends on what earlier trials gave.
func (Halton) Independent() bool { return true }
