package audit

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// LevelTag names the vertebra, or the disc, that a point lies at.
const LevelTag = "level"

// SpacingTags are those by which SpaceLevels finds points that lie along one line.
var SpacingTags = []string{LevelTag, "condition"}

// chain is the labelled points along the spine of one condition in a series; of "" those of all.
type chain struct{ series, condition string }

// levelled is a labelled point, with the place of its level among all.
type levelled struct {
	level int
	id    string
	image string
	point stage.Point
}

// SpaceLevels gives each case with a level how far the labelled levels of its series lie apart: the
// median of the distances of neighbouring ones (numpy.median), of its condition or, where that is
// marked at one level alone, of all. Distances are those in the patient (DICOM PS3.3, C.7.6.2.1.1),
// where files tell how their pixels lie there; otherwise within the image.
func (c Cases) SpaceLevels() {
	number, chains := levelNumbers(c.Cases), map[chain]map[int]levelled{}
	for _, one := range c.Cases {
		if level, known := number[one.Tags[LevelTag]]; known && one.Point != nil {
			key := chain{inSeries(one), one.Tags["condition"]}
			if chains[key] == nil {
				chains[key] = map[int]levelled{}
			}
			if other, twice := chains[key][level]; !twice || one.ID < other.id {
				chains[key][level] = levelled{level, one.ID, one.Image, *one.Point}
			}
		}
	}
	gaps := map[chain][]stage.Spacing{}
	for _, key := range slices.SortedFunc(maps.Keys(chains), chain.compare) {
		found := c.gaps(chains[key], c.Series[key.series].Type)
		gaps[key] = found
		if key.condition != "" {
			all := chain{series: key.series}
			gaps[all] = append(gaps[all], found...)
		}
	}
	for i, one := range c.Cases {
		key := chain{inSeries(one), one.Tags["condition"]}
		if c.Cases[i].Spacing = (stage.Spacing{}); one.Point == nil || one.Tags[LevelTag] == "" {
			continue
		}
		if c.Cases[i].Spacing = medianSpacing(gaps[key]); c.Cases[i].Spacing.Length == 0 {
			c.Cases[i].Spacing = medianSpacing(gaps[chain{series: key.series}])
		}
	}
}

func (c chain) compare(other chain) int {
	return cmp.Or(strings.Compare(c.series, other.series), strings.Compare(c.condition, other.condition))
}

// inSeries names what the points of a case are measured in: its series, or the image alone.
func inSeries(c stage.Case) string { return cmp.Or(c.Series, c.Image) }

// levelNumbers puts the levels in order: those of the spine from above, others by their names, in
// which digits count as numbers.
func levelNumbers(cases []stage.Case) map[string]int {
	names := map[string]bool{}
	for _, one := range cases {
		names[one.Tags[LevelTag]] = true
	}
	delete(names, "")
	list := slices.SortedFunc(maps.Keys(names), stage.CompareNames)
	if out := alongSpine(list); out != nil {
		return out
	}
	out := map[string]int{}
	for i, name := range list {
		out[name] = i
	}
	return out
}

// gaps are the distances of neighbouring levels. Within the image none is known of axial slices,
// which show each level on slices of its own.
func (c Cases) gaps(points map[int]levelled, kind string) (out []stage.Spacing) {
	for _, level := range slices.Sorted(maps.Keys(points)) {
		above, below := points[level], points[level+1]
		if below.image == "" {
			continue
		}
		gap := stage.Spacing{Length: math.Hypot(above.point.X-below.point.X, above.point.Y-below.point.Y)}
		from, errFrom := c.Geometry(above.image)
		to, errTo := c.Geometry(below.image)
		switch {
		case errFrom == nil && errTo == nil && from.Placed() && to.Placed():
			gap = stage.Spacing{Length: apart(from.At(above.point), to.At(below.point)), Millimetres: true}
		case strings.Contains(strings.ToLower(kind), "axial"):
			continue
		}
		if gap.Length > 0 && !math.IsInf(gap.Length, 0) {
			out = append(out, gap)
		}
	}
	return out
}

func apart(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// medianSpacing is that of those in millimetres, or where there are none of those in pixels; zero of
// none.
func medianSpacing(of []stage.Spacing) stage.Spacing {
	for _, millimetres := range []bool{true, false} {
		var lengths []float64
		for _, gap := range of {
			if gap.Millimetres == millimetres {
				lengths = append(lengths, gap.Length)
			}
		}
		if n := len(lengths); n > 0 {
			slices.Sort(lengths)
			return stage.Spacing{Length: (lengths[(n-1)/2] + lengths[n/2]) / 2, Millimetres: millimetres}
		}
	}
	return stage.Spacing{}
}
