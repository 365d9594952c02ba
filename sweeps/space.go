package sweeps

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
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

// NewSpace compiles the section space. What is wrong with it comes with paths
// below sweep.
func NewSpace(domains map[string]registry.One[Domain]) (Space, []registry.FieldProblem) {
	b := builder{domains: domains, state: map[string]int{}}
	for _, path := range slices.Sorted(maps.Keys(domains)) {
		b.visit(path)
	}
	if len(b.problems) > 0 {
		return Space{}, b.problems
	}
	return b.space, nil
}

type builder struct {
	domains  map[string]registry.One[Domain]
	space    Space
	state    map[string]int // 1: being visited, 2: done
	problems []registry.FieldProblem
}

func (b *builder) fail(path, field, text, hint string) {
	at := "space." + path
	if field != "" {
		at += "." + b.domains[path].Name + "." + field
	}
	b.problems = append(b.problems, registry.FieldProblem{Path: at, Text: text, Hint: hint})
}

// visit adds a parameter after those it depends on.
func (b *builder) visit(path string) {
	switch b.state[path] {
	case 1:
		b.fail(path, "", "depends on itself", "look at when and same")
		return
	case 2:
		return
	}
	b.state[path] = 1
	p := Param{Path: path, Dimension: b.domains[path].Part.Dimension()}
	if field, text, hint := p.wrong(); text != "" {
		b.fail(path, field, text, hint)
	}
	b.conditions(&p)
	b.inside(&p)
	b.tie(p)
	b.state[path] = 2
	b.space.Params = append(b.space.Params, p)
}

// conditions reads when.
func (b *builder) conditions(p *Param) {
	for _, other := range slices.Sorted(maps.Keys(p.When)) {
		if _, known := b.domains[other]; !known || other == p.Path {
			b.fail(p.Path, "when", fmt.Sprintf("the space has no other setting %q", other), registry.Suggest(other, b.others(p.Path)))
			continue
		}
		b.visit(other)
		values, err := alternatives(p.When[other])
		if err != nil {
			b.fail(p.Path, "when", err.Error(), "")
		}
		b.known(p.Path, other, values)
		p.needs = append(p.needs, need{other, values})
	}
}

// known wants the values of a condition to be some that the other can have.
func (b *builder) known(path, other string, values []string) {
	d := b.domains[other].Part.Dimension()
	for _, v := range values {
		if _, ok := d.Parse(v); !ok && d.Same == "" && !slices.ContainsFunc(d.Choices, func(c string) bool { return partName(c) == v }) {
			b.fail(path, "when", fmt.Sprintf("%s never is %s", other, v), registry.Suggest(v, d.Choices))
		}
	}
}

// inside finds the choice of a part that a path leads into:
// train.loss.focal.gamma counts when train.loss is focal.
func (b *builder) inside(p *Param) {
	for other, domain := range b.domains {
		rest, below := strings.CutPrefix(p.Path, other+".")
		if !below {
			continue
		}
		d := domain.Part.Dimension()
		word, _, _ := strings.Cut(rest, ".")
		var names []string
		for _, c := range d.Choices {
			names = append(names, partName(c))
		}
		if d.Choices == nil || !slices.Contains(names, word) {
			b.fail(p.Path, "", fmt.Sprintf("no choice of %s is %s, which this setting belongs to", other, word), registry.Suggest(word, names))
			continue
		}
		b.visit(other)
		p.needs = append(p.needs, need{other, []string{word}})
	}
	slices.SortFunc(p.needs, func(a, b need) int { return strings.Compare(a.path, b.path) })
}

// tie looks at what a parameter is the same as.
func (b *builder) tie(p Param) {
	if p.Same == "" {
		return
	}
	other, known := b.domains[p.Same]
	switch {
	case !known || p.Same == p.Path:
		b.fail(p.Path, "as", fmt.Sprintf("the space has no other setting %q", p.Same), registry.Suggest(p.Same, b.others(p.Path)))
		return
	case other.Part.Dimension().Choices != nil && p.Times != 1:
		b.fail(p.Path, "times", "a choice cannot be multiplied", "remove times")
	}
	b.visit(p.Same)
}

func (b *builder) others(path string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(b.domains)), func(p string) bool { return p == path })
}

// alternatives are the values of one condition: one, or those of a list.
func alternatives(v registry.Any) ([]string, error) {
	n, err := v.Node()
	if err != nil {
		return nil, err
	}
	if n.Kind != yaml.SequenceNode {
		return []string{string(v)}, nil
	}
	var out []string
	for _, item := range n.Content {
		out = append(out, registry.OneLine(item))
	}
	return out, nil
}

// partName is the name of the part that a value writes: focal of
// {focal: {gamma: 2}}. A plain value is its own name.
func partName(value string) string {
	n, err := registry.Any(value).Node()
	if err != nil || n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return value
	}
	return n.Content[0].Value
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
