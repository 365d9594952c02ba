package arrangement

import "math"

// Sure says how sure a choice is: of each name the chance that it is where it was put, if the
// others are where they were put; 0 where a name has no candidate. It is the part that the chosen
// candidate has of the exponentials of what all of the name are worth to the sum that Choose makes
// large. Where no other name says anything, what the chances leave of 1 has its part as well: it is
// elsewhere. (Where others do, a net's chances are small because slices look alike, and not because
// the name is at none of its candidates: of 5,000 points of 200 synthetic studies, found by a net
// after one epoch, that were 0.9, 0.8, 0.7 and 0.6 sure or a little more, 94, 79, 71 and 69 % were right.)
func (a Arrangement) Sure(candidates [][]Candidate, chosen []int) []float64 {
	b := a.newBoard(candidates)
	out := make([]float64, len(chosen))
	for k, at := range chosen {
		if at < 0 {
			continue
		}
		scores := b.conditional(chosen, k)
		sum := 0.0
		if !b.paired(k) {
			sum = b.elsewhere(k) / math.Exp(scores[at])
		}
		for _, v := range scores {
			sum += math.Exp(v - scores[at])
		}
		out[k] = 1 / sum
	}
	return out
}

// paired says whether another name tells where a name is.
func (b *board) paired(k int) bool {
	for _, d := range b.pairs[k] {
		if d != nil {
			return true
		}
	}
	return false
}

// elsewhere is what the chances of a name leave of 1.
func (b *board) elsewhere(k int) float64 {
	rest := 1.0
	for _, log := range b.logs[k] {
		rest -= math.Exp(log)
	}
	return max(rest, 0)
}
