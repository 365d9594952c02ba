package sweeps

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

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
