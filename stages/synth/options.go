package synth

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// Options say what to write. A field left at zero takes its value from
// Defaults, but for Seed, Test, Gaps and Defects, where zero means zero.
type Options struct {
	Seed    uint64
	Studies int // 25 labelled points each
	// Test is the number of studies besides, of the part without labels.
	Test   int `json:",omitempty"`
	Size   int // typical side of an image in pixels; real ones have 320 to 640
	Slices int // slices of a sagittal series, an odd number; an axial one has 15
	// Shares are the expected parts of normal or mild, moderate and severe
	// labels; they sum to 1. See RealShares.
	Shares [3]float64
	// Gaps is the part of the labels that is empty, with no point; 0.012 in the
	// real collection.
	Gaps float64
	// Defects names what else is to be wrong; see DefectNames. Each takes a
	// study.
	Defects []string
}

// Defaults is a data set that a demo learns from in minutes: enough of each
// class, in small pictures.
var Defaults = Options{Seed: 42, Studies: 40, Size: 112, Slices: 9, Shares: [3]float64{0.55, 0.27, 0.18}}

// RealShares are those of the real collection, of the labels that are not
// empty: 37,754, 7,960 and 3,089 of 48,803.
var RealShares = [3]float64{0.774, 0.163, 0.063}

func (o Options) filled() Options {
	if o.Studies == 0 {
		o.Studies = Defaults.Studies
	}
	if o.Size == 0 {
		o.Size = Defaults.Size
	}
	if o.Slices == 0 {
		o.Slices = Defaults.Slices
	}
	if o.Shares == [3]float64{} {
		o.Shares = Defaults.Shares
	}
	return o
}

func (o Options) check() error {
	sum := o.Shares[0] + o.Shares[1] + o.Shares[2]
	switch {
	case o.Studies < 1 || o.Studies > 100_000:
		return fmt.Errorf("studies: want 1 to 100000, got %d", o.Studies)
	case o.Test < 0 || o.Test > 100_000:
		return fmt.Errorf("test: want 0 to 100000 studies, got %d", o.Test)
	case o.Size < 64 || o.Size > 1024:
		return fmt.Errorf("size: want 64 to 1024 pixels, got %d", o.Size)
	case o.Slices < 7 || o.Slices > 39 || o.Slices%2 == 0:
		return fmt.Errorf("slices: want an odd number from 7 to 39, got %d", o.Slices)
	case !(min(o.Shares[0], o.Shares[1], o.Shares[2]) >= 0) || math.Abs(sum-1) > 1e-6:
		return fmt.Errorf("shares: want three parts that sum to 1, got %v", o.Shares)
	case !(o.Gaps >= 0 && o.Gaps <= 0.5):
		return fmt.Errorf("gaps: want 0 to 0.5, got %v", o.Gaps)
	}
	return o.checkDefects()
}

func (o Options) checkDefects() error {
	for i, name := range o.Defects {
		if _, ok := findDefect(name); !ok {
			return stage.Fault{Err: fmt.Errorf("defects: there is no defect %q", name), Hint: suggest(name)}
		}
		if slices.Contains(o.Defects[:i], name) {
			return fmt.Errorf("defects: %s is named twice", name)
		}
	}
	if n := len(o.Defects); n > o.Studies {
		return stage.Fault{
			Err:  fmt.Errorf("defects: %d want a study each, and there are %d studies", n, o.Studies),
			Hint: fmt.Sprintf("ask for %d studies or more, or for fewer defects", n),
		}
	}
	return nil
}

// suggest says which defect may have been meant, and lists them all.
func suggest(word string) string {
	plain := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(word))
	best, least := "", len(plain)/3+2
	for _, name := range DefectNames() {
		if n := distance(plain, name); n < least {
			best, least = name, n
		}
	}
	known := "known: " + strings.Join(DefectNames(), ", ")
	if best == "" {
		return known
	}
	return fmt.Sprintf("did you mean %s? (%s)", best, known)
}

// distance counts the letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
