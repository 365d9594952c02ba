package synth

import (
	"math"
	"math/rand/v2"
	"strconv"

	"vertebra/stages/stage"
)

// The rows of a study, in the order of train.csv's columns.
var (
	conditions = [5]string{
		"Spinal Canal Stenosis", "Left Neural Foraminal Narrowing", "Right Neural Foraminal Narrowing",
		"Left Subarticular Stenosis", "Right Subarticular Stenosis",
	}
	levels = [5]string{"L1/L2", "L2/L3", "L3/L4", "L4/L5", "L5/S1"}
)

// Conditions, as indices.
const (
	canal = iota
	leftForamen
	rightForamen
	leftRecess
	rightRecess
)

// row is a condition and a level, as indices.
type row struct{ condition, level int }

// study is one patient's examination.
type study struct {
	part   part
	id     int
	seed   uint64
	body   anatomy
	labels map[row]int    // class; a row that is not there has an empty cell
	cells  map[row]string // what train.csv says instead, of a spoiled row
	points []point
	series []*series
}

func (s *study) name() string { return strconv.Itoa(s.id) }

// point is a row of train_label_coordinates.csv: a place on a slice, in
// millimetres to the right of and below the picture's centre.
type point struct {
	row    row
	series *series
	slice  *slice
	u, v   float64
}

// newStudies makes all studies of the part train up, without their pictures.
func newStudies(opt Options) []*study { return train.studies(opt, opt.Studies, map[int]bool{}) }

// studies makes studies up. Each has a random stream of its own, so that asking
// for more, of either part, leaves the first ones as they are. used are ids of others.
func (p part) studies(opt Options, n int, used map[int]bool) []*study {
	limits := thresholds(opt.Shares)
	studies := make([]*study, n)
	for i := range studies {
		r := stage.Rand(opt.Seed, p.purpose("study"), i)
		s := &study{part: p, id: newID(r, used), seed: stage.Hash(opt.Seed, p.purpose("pictures"), i)}
		s.drawLabels(r, p.patientScore(opt.Seed, i), limits)
		s.body = newAnatomy(r, s.labels)
		s.addSagittal(r, opt, used, sagittalT1)
		s.addSagittal(r, opt, used, sagittalT2)
		s.addAxial(r, opt, used)
		studies[i] = s
	}
	return studies
}

// newID draws an id that is not used yet, in the range of the real ones.
func newID(r *rand.Rand, used map[int]bool) int {
	for {
		id := 4_000_000 + r.IntN(4_286_000_000)
		if !used[id] {
			used[id] = true
			return id
		}
	}
}

// Labels follow a score that a patient's rows share in part: a worn spine is
// worn in several places, and mostly low down.
const (
	patientPart = 0.6 // standard deviations; their squares sum to 1
	levelPart   = 0.4
	pairPart    = 0.4 // both sides of a level
	rowPart     = 0.5656854249492381
)

// levelScore follows the real order of the levels: L4/L5 is the worst.
var levelScore = [5]float64{-0.75, -0.35, 0.1, 0.65, 0.35}

// patientScore is normal over the studies, and spread evenly over any run of
// them (the golden ratio's sequence), so that few studies have the classes' shares.
func (p part) patientScore(seed uint64, i int) float64 {
	start := stage.Rand(seed, p.purpose("patients")).Float64()
	_, share := math.Modf(start + float64(i)*(math.Sqrt(5)-1)/2)
	return math.Sqrt2 * math.Erfinv(2*min(max(share, 0.002), 0.998)-1)
}

func (s *study) drawLabels(r *rand.Rand, patient float64, limits [2]float64) {
	s.labels = map[row]int{}
	for l := range levels {
		level := patientPart*patient + levelPart*r.NormFloat64() + levelScore[l]
		pairs := [3]float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}
		for c := range conditions {
			score := level + pairPart*pairs[(c+1)/2] + rowPart*r.NormFloat64()
			label := 0
			for _, limit := range limits {
				if score > limit {
					label++
				}
			}
			s.labels[row{c, l}] = label
		}
	}
}

// thresholds finds the scores that part the classes as asked.
func thresholds(shares [3]float64) [2]float64 {
	return [2]float64{scoreBelow(shares[0]), scoreBelow(shares[0] + shares[1])}
}

// scoreBelow gives the score that the given share of rows stays under, by
// bisection of the mixture of the levels' normal distributions.
func scoreBelow(share float64) float64 {
	low, high := -10.0, 10.0
	for range 60 {
		middle, below := (low+high)/2, 0.0
		for _, shift := range levelScore {
			below += 0.5 * math.Erfc((shift-middle)/math.Sqrt2) / float64(len(levelScore))
		}
		if below < share {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// leaveGaps empties some cells and drops their points: mostly subarticular ones
// of the upper levels, where axial stacks do not reach. The odds average to the
// share.
func (s *study) leaveGaps(r *rand.Rand, share float64) {
	for c := range conditions {
		for l := range levels {
			odds := 0.4 * share
			if c >= leftRecess {
				odds = share * (4.2 - 1.25*float64(l))
			}
			if r.Float64() < odds {
				s.drop(row{c, l}, true)
			}
		}
	}
}

// drop removes a row's point, and its label if asked.
func (s *study) drop(w row, label bool) {
	if label {
		delete(s.labels, w)
	}
	kept := s.points[:0]
	for _, p := range s.points {
		if p.row != w {
			kept = append(kept, p)
		}
	}
	s.points = kept
}

// point finds the point of a row; every study has all of them until defects
// and gaps take some.
func (s *study) point(w row) *point {
	for i := range s.points {
		if s.points[i].row == w {
			return &s.points[i]
		}
	}
	return nil
}
