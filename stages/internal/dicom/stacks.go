package dicom

import (
	"cmp"
	"math"
	"slices"
)

// Stack is a run of parallel slices of one series, in order.
type Stack struct {
	Slices    []int     // indices into what was given to Stacks, in order along Normal
	Order     Order     // what the order is from
	Plane     Plane     // the anatomical plane nearest to the slices
	Normal    Vector    // unit vector across the slices; zero where nothing tells it
	Locations []float64 // mm along Normal, one for each of Slices; nil where nothing tells them
	Spacing   float64   // median distance of neighbours, mm, same places left out; 0 when unknown
	Gaps      []int     // each i: slices i and i+1 are further apart than 1.5 · Spacing
	Repeats   []int     // each i: slices i and i+1 lie at the same place
}

// Order is what the order of a stack was taken from, the best first.
type Order string

// The orders.
const (
	ByPosition Order = "position along the normal" // both ImagePositionPatient and ImageOrientationPatient
	ByLine     Order = "position"                  // no orientation: along the line that the positions are on
	ByInstance Order = "instance number"
	ByInput    Order = "order given"
)

const (
	sameDirection = 0.01 // largest difference of direction cosines within a stack: 0.6°
	samePlace     = 0.01 // mm; positions have about three digits behind the point
	gapFactor     = 1.5  // times the usual spacing
)

// Stacks sorts the slices of one series into stacks of equal orientation, and
// each stack by position along its normal, from the patient's right to left,
// front to back or feet to head. InstanceNumber only orders slices whose place
// is not known, and those at the same place. Stacks are ordered by plane
// (sagittal, coronal, axial), then along it; those of unknown place come last.
// Every slice is in exactly one stack. Nothing needs to be there in a header.
func Stacks(series []Header) []Stack {
	var out []Stack
	var bare []int // without orientation, with position
	var lost []int // without position
	for i, h := range series {
		switch _, placed := h.Location(); {
		case placed:
			out = join(out, series, i)
		case len(h.Position) == 3:
			bare = append(bare, i)
		default:
			lost = append(lost, i)
		}
	}
	for i := range out {
		out[i].sort(series)
	}
	slices.SortStableFunc(out, func(a, b Stack) int { return compareStacks(a, b, series) })
	if len(bare) > 0 {
		out = append(out, line(series, bare))
	}
	if len(lost) > 0 {
		out = append(out, unplaced(series, lost))
	}
	return out
}

// join puts a slice into the first stack of its orientation.
func join(stacks []Stack, series []Header, slice int) []Stack {
	h := series[slice]
	for i := range stacks {
		if parallel(series[stacks[i].Slices[0]].Orientation, h.Orientation) {
			stacks[i].Slices = append(stacks[i].Slices, slice)
			return stacks
		}
	}
	normal, _ := Normal(h.Orientation)
	return append(stacks, Stack{Slices: []int{slice}, Order: ByPosition, Plane: h.Plane(), Normal: normal})
}

// parallel compares rows and columns, not just normals: slices that are turned
// in their plane are no stack.
func parallel(a, b []float64) bool {
	for i := range a {
		if math.Abs(a[i]-b[i]) > sameDirection {
			return false
		}
	}
	return true
}

// sort orders a stack along its normal and measures it.
func (s *Stack) sort(series []Header) {
	at := make([]float64, len(series))
	for _, i := range s.Slices {
		at[i] = s.Normal.dot(Vector(series[i].Position))
	}
	slices.SortStableFunc(s.Slices, func(a, b int) int {
		if math.Abs(at[a]-at[b]) < samePlace/10 {
			return cmp.Or(byInstance(series, a, b), cmp.Compare(at[a], at[b]))
		}
		return cmp.Compare(at[a], at[b])
	})
	s.Locations = make([]float64, len(s.Slices))
	for i, slice := range s.Slices {
		s.Locations[i] = at[slice]
	}
	s.measure()
}

// measure finds the spacing, then what departs from it.
func (s *Stack) measure() {
	var steps []float64
	for i := 1; i < len(s.Locations); i++ {
		if step := s.Locations[i] - s.Locations[i-1]; step >= samePlace {
			steps = append(steps, step)
		} else {
			s.Repeats = append(s.Repeats, i-1)
		}
	}
	if len(steps) == 0 {
		return
	}
	sorted := slices.Sorted(slices.Values(steps))
	// The lower median: of two steps, the small one is the spacing and the large
	// one the gap.
	s.Spacing = sorted[(len(sorted)-1)/2]
	for i := 1; i < len(s.Locations); i++ {
		if s.Locations[i]-s.Locations[i-1] > gapFactor*s.Spacing {
			s.Gaps = append(s.Gaps, i-1)
		}
	}
}

// compareStacks orders by plane, then along the plane's axis.
func compareStacks(a, b Stack, series []Header) int {
	axis := a.Normal.axis()
	if c := cmp.Compare(axis, b.Normal.axis()); c != 0 {
		return c
	}
	first := func(s Stack) float64 { return series[s.Slices[0]].Position[axis] }
	return cmp.Compare(first(a), first(b))
}

// line orders slices of unknown orientation along the axis that their positions
// are most spread over.
func line(series []Header, which []int) Stack {
	low, high := Vector(series[which[0]].Position), Vector(series[which[0]].Position)
	for _, i := range which {
		for axis, v := range series[i].Position {
			low[axis], high[axis] = min(low[axis], v), max(high[axis], v)
		}
	}
	axis := high.minus(low).axis()
	slices.SortStableFunc(which, func(a, b int) int {
		return cmp.Or(cmp.Compare(series[a].Position[axis], series[b].Position[axis]), byInstance(series, a, b))
	})
	s := Stack{Slices: which, Order: ByLine}
	way := Vector(series[which[len(which)-1]].Position).minus(Vector(series[which[0]].Position))
	if way.length() < samePlace {
		return s
	}
	s.Normal = way.scaled(1 / way.length())
	s.sort(series)
	return s
}

// unplaced orders by InstanceNumber where every slice has one.
func unplaced(series []Header, which []int) Stack {
	for _, i := range which {
		if series[i].InstanceNumber == nil {
			return Stack{Slices: which, Order: ByInput}
		}
	}
	slices.SortStableFunc(which, func(a, b int) int { return byInstance(series, a, b) })
	return Stack{Slices: which, Order: ByInstance}
}

func byInstance(series []Header, a, b int) int {
	x, y := series[a].InstanceNumber, series[b].InstanceNumber
	if x == nil || y == nil {
		return 0
	}
	return cmp.Compare(*x, *y)
}
