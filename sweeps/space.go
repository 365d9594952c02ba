package sweeps

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// maxGrid is the largest grid that is counted.
const maxGrid = 100_000

// Space is a set of points: a coordinate for each of its parameters that count.
type Space struct {
	// Params are in an order in which each comes after those it depends on.
	Params []Param
}

// Param is one setting that is varied.
type Param struct {
	Path string
	Dimension
	// needs are the values of other parameters without which it does not count.
	needs []need
}

// need wants another parameter to have one of some values.
type need struct {
	path   string
	values []string
}

// Point holds the coordinates of the parameters that count.
type Point map[string]float64

// Assignment sets a setting to a value, as YAML.
type Assignment struct {
	Path, Value string
}

// Counts says whether a parameter counts at a point that holds all before it.
func (s Space) Counts(p Param, at Point) bool {
	for _, n := range p.needs {
		value, there := s.value(n.path, at)
		if !there || !slices.Contains(n.values, value) && !slices.Contains(n.values, partName(value)) {
			return false
		}
	}
	if p.Same != "" {
		_, there := s.value(p.Same, at)
		return there
	}
	return true
}

// Free are the parameters that a search chooses: all but the tied.
func (s Space) Free() []Param {
	return slices.DeleteFunc(slices.Clone(s.Params), func(p Param) bool { return p.Same != "" })
}

// Fill makes a point: it asks for the coordinate of each parameter that counts,
// in order.
func (s Space) Fill(coordinate func(Param) float64) Point {
	at := Point{}
	for _, p := range s.Params {
		if p.Same == "" && s.Counts(p, at) {
			at[p.Path] = coordinate(p)
		}
	}
	return at
}

// value is the YAML of a parameter at a point; tied ones follow others.
func (s Space) value(path string, at Point) (string, bool) {
	for _, p := range s.Params {
		if p.Path != path {
			continue
		}
		if p.Same == "" {
			x, there := at[path]
			if !there {
				return "", false
			}
			return p.Text(x), true
		}
		if !s.Counts(p, at) {
			return "", false
		}
		text, there := s.value(p.Same, at)
		if x, err := strconv.ParseFloat(text, 64); err == nil && p.Times != 1 {
			text = strconv.FormatFloat(x*p.Times, 'g', 12, 64)
		}
		return text, there
	}
	return "", false
}

// Assign writes a point as settings, parts before the settings in them.
func (s Space) Assign(at Point) []Assignment {
	var out []Assignment
	for _, p := range s.Params {
		if text, there := s.value(p.Path, at); there {
			out = append(out, Assignment{p.Path, text})
		}
	}
	return out
}

// Values writes a point for people and for the database, tied settings left out.
func (s Space) Values(at Point) map[string]string {
	out := map[string]string{}
	for _, p := range s.Params {
		if x, there := at[p.Path]; there {
			out[p.Path] = p.Text(x)
		}
	}
	return out
}

// Locate is the other way. It says what does not fit where the values are of
// another space.
func (s Space) Locate(values map[string]string) (Point, error) {
	at, used := Point{}, 0
	for _, p := range s.Free() {
		text, given := values[p.Path]
		if !s.Counts(p, at) {
			continue
		}
		if !given {
			return nil, fmt.Errorf("%s has no value there", p.Path)
		}
		x, ok := p.Parse(text)
		if !ok {
			return nil, fmt.Errorf("%s: %s is not in the space", p.Path, text)
		}
		at[p.Path] = x
		used++
	}
	if used < len(values) {
		for _, path := range slices.Sorted(maps.Keys(values)) {
			if _, there := at[path]; !there {
				return nil, fmt.Errorf("%s is not varied", path)
			}
		}
	}
	return at, nil
}

// Size counts the cells of the grid, up to one more than maxGrid; 0 when some
// parameter has no cells.
func (s Space) Size() int {
	n := 0
	for range s.Cells() {
		if n++; n > maxGrid {
			break
		}
	}
	return n
}

// Cells walks over the grid: every combination of the cells of the parameters
// that count, none twice.
func (s Space) Cells() func(yield func(Point) bool) {
	return func(yield func(Point) bool) { s.walk(0, Point{}, yield) }
}

func (s Space) walk(i int, at Point, yield func(Point) bool) bool {
	if i == len(s.Params) {
		return yield(maps.Clone(at))
	}
	p := s.Params[i]
	if p.Same != "" || !s.Counts(p, at) {
		return s.walk(i+1, at, yield)
	}
	for _, x := range p.Cells() {
		at[p.Path] = x
		if !s.walk(i+1, at, yield) {
			return false
		}
	}
	delete(at, p.Path)
	return true
}

// Finite says whether there is a last point: every parameter has steps.
func (s Space) Finite() bool {
	return !slices.ContainsFunc(s.Free(), func(p Param) bool { return p.Choices == nil && p.Step == 0 })
}

// Wanted is the coordinate of another parameter with which one counts; the first
// of its values where that does not matter.
func (s Space) Wanted(one, other Param) float64 {
	for _, n := range one.needs {
		if n.path != other.Path {
			continue
		}
		for i, c := range other.Choices {
			if slices.Contains(n.values, c) || slices.Contains(n.values, partName(c)) {
				return float64(i)
			}
		}
		if x, ok := other.Parse(n.values[0]); ok {
			return x
		}
	}
	return other.Extremes()[0]
}
