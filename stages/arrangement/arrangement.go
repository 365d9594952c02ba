// Package arrangement knows how named points lie to each other in a patient, and chooses by it
// among the places where a net saw each of them. One picture often does not say which point it
// shows: axial slices of L3/L4 and of L4/L5 look alike. Points that other pictures show well,
// and how far apart such points lie in other patients, do.
//
// The model is that of pictorial structures (Fischler and Elschlager 1973, "The representation
// and matching of pictorial structures"; Felzenszwalb and Huttenlocher 2005, "Pictorial
// structures for object recognition"), between all pairs of names in place of a tree's.
package arrangement

import "math"

// Place is a point in the patient in millimetres: DICOM's coordinates, x to the patient's left,
// y to the back, z to the head (PS3.3, C.7.6.2.1.1).
type Place struct{ X, Y, Z float64 }

// Candidate is a place where a name may be.
type Candidate struct {
	// At is nil where the geometry of the image is not known.
	At *Place
	// Chance is the net's that the name is here, in (0, 1].
	Chance float64
}

// Arrangement is how names lie to each other, learnt by Fit. One that was read from a file of
// somebody else wants Check first.
type Arrangement struct {
	Names []string `json:"names"`
	// Pairs are those that were seen in a study, each once, in the order of their names.
	Pairs []Pair `json:"pairs"`
}

// Pair is the offset from one name to another: a multivariate Student distribution of
// `freedom` degrees, which forgives single wrong points as a Gaussian does not.
type Pair struct {
	// From and To are places in Names; From is the smaller.
	From int `json:"from"`
	To   int `json:"to"`
	// Studies is of how many the pair was learnt.
	Studies int `json:"studies"`
	// Offset is the distribution's middle, mm: x, y, z of To less those of From.
	Offset [3]float64 `json:"offset"`
	// Spread is its scale matrix, mm²: xx, xy, yy, xz, yz, zz.
	Spread [6]float64 `json:"spread"`
}

// to is the offset from p to q.
func (p Place) to(q Place) [3]float64 { return [3]float64{q.X - p.X, q.Y - p.Y, q.Z - p.Z} }

// finite says whether a place can be calculated with: NaN, Inf and numbers that no patient
// has are as good as unknown.
func (p *Place) finite() bool {
	return p != nil && math.Abs(p.X) <= farthest && math.Abs(p.Y) <= farthest && math.Abs(p.Z) <= farthest
}

// farthest is the largest coordinate, mm, that is taken for one.
const farthest = 1e6
