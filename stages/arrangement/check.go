package arrangement

import (
	"errors"
	"fmt"
	"math"
)

// mostNames bounds what a file may ask to be calculated with.
const mostNames = 1000

// Check says what is wrong with an arrangement that was read from a file. Choose takes one
// that Check refuses, too, and leaves out the pairs that are not sound.
func (a Arrangement) Check() error {
	n := len(a.Names)
	if n == 0 || n > mostNames {
		return fmt.Errorf("arrangement: want 1 to %d names, got %d", mostNames, n)
	}
	seen := map[string]bool{}
	for i, name := range a.Names {
		if name == "" || seen[name] {
			return fmt.Errorf("arrangement: name %d, %q, is empty or there before", i, name)
		}
		seen[name] = true
	}
	if most := n * (n - 1) / 2; len(a.Pairs) > most {
		return fmt.Errorf("arrangement: %d names have at most %d pairs, got %d", n, most, len(a.Pairs))
	}
	last := -1
	for i, p := range a.Pairs {
		if _, err := p.density(n); err != nil {
			return fmt.Errorf("arrangement: pair %d: %w", i, err)
		}
		if at := p.From*n + p.To; at <= last {
			return fmt.Errorf("arrangement: pair %d, of %s and %s, is there before or not in the order of the names", i, a.Names[p.From], a.Names[p.To])
		} else {
			last = at
		}
	}
	return nil
}

// density is what a sound pair of n names gives.
func (p Pair) density(n int) (density, error) {
	if !(0 <= p.From && p.From < p.To && p.To < n) {
		return density{}, fmt.Errorf("is of names %d and %d, want two of 0 to %d, the smaller first", p.From, p.To, n-1)
	}
	if p.Studies < 1 {
		return density{}, fmt.Errorf("was learnt of %d studies, want 1 or more", p.Studies)
	}
	for _, v := range p.Offset {
		if !(math.Abs(v) <= 2*farthest) {
			return density{}, fmt.Errorf("has an offset of %v mm", v)
		}
	}
	d, ok := newDensity(p.Offset, p.Spread)
	if !ok {
		return density{}, errors.New("has a spread that is not positive definite")
	}
	return d, nil
}
