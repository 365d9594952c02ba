package experiments

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
	"vertebra/sweeps"
)

// Sweep is an experiment file with a section sweep. The files are read once:
// what becomes of them later changes no trial.
type Sweep struct {
	// Base is the experiment without its section sweep.
	Base   Experiment
	Config sweeps.Config
	Space  sweeps.Space

	origin source
}

// LoadSweep reads an experiment file as Load does, and wants it to have a section
// sweep. All that can be checked of its trials is checked.
func LoadSweep(path string, sets []string) (*Sweep, registry.Problems, error) {
	e, d, warnings, err := loadWhole(fromDisk, path, sets)
	if err != nil {
		return nil, warnings, err
	}
	if e.Sweep == nil {
		return nil, warnings, stage.Fault{Err: fmt.Errorf("%s has no section sweep", path), Hint: "add one, such as sweep: {trials: 20, space: {train.optimizer.adam.rate: {log: [1e-5, 1e-2]}}}; runner run runs a single experiment"}
	}
	s, err := d.sweep(e)
	return s, warnings, err
}

// sweep is that of a document that was read into an experiment.
func (d *document) sweep(e Experiment) (*Sweep, error) {
	s := &Sweep{Config: *e.Sweep, Base: e, origin: d.source}
	s.Base.Sweep = nil
	s.origin.read = func(path string) ([]byte, error) {
		data, known := d.sources[path]
		if !known {
			return d.source.read(path)
		}
		return data, nil
	}
	var problems []registry.FieldProblem
	s.Space, problems = sweeps.NewSpace(e.Sweep.Space)
	for _, p := range problems {
		return nil, fmt.Errorf("sweep.%s: %s", p.Path, p.Text)
	}
	return s, nil
}

// Trial is the experiment with some settings changed: those of a point of the
// space, and --set assignments after them. A mistake says which setting of the
// space makes it.
func (s *Sweep) Trial(assign []sweeps.Assignment, sets ...string) (Experiment, error) {
	o := s.origin
	o.assign, o.sets = assign, append(slices.Clone(o.sets), sets...)
	e, _, err := o.trial()
	return e, err
}

// Models are the nets of the experiment and of trials with other backbones, or weights of
// them, that the space names.
func (s *Sweep) Models() ([]model.Config, error) {
	out := []model.Config{s.Base.Model}
	for _, p := range s.Space.Free() {
		if p.Path != "model" && p.Path != "model.backbone" && !strings.HasPrefix(p.Path, "model.backbone.") {
			continue
		}
		for _, x := range p.Extremes() {
			e, err := s.Trial(s.Space.Assign(towards(s.Space, p, x)))
			if err != nil {
				return nil, err
			}
			out = append(out, e.Model)
		}
	}
	return out, nil
}

// trial also gives the checker with its warnings.
func (o source) trial() (Experiment, *document, error) {
	o.single = true
	e := Default()
	d, err := o.load(&e)
	if err != nil {
		return Experiment{}, d, err
	}
	c := &checker{document: d}
	c.run(e)
	return e, d, d.annotated(d.problems).Err()
}

// BasePoint is the point of the space where the experiment is as the file writes
// it; false when it lies outside.
func (s *Sweep) BasePoint() (sweeps.Point, bool) {
	tree, problems := registry.Parse("", Resolved(s.Base))
	if problems.Err() != nil {
		return nil, false
	}
	at, inside := sweeps.Point{}, true
	for _, p := range s.Space.Free() {
		if !s.Space.Counts(p, at) {
			continue
		}
		x, ok := s.baseValue(tree, p)
		at[p.Path], inside = x, inside && ok
	}
	return at, inside
}

// baseValue finds the value of one parameter: a number by its place, a choice by
// which one changes nothing.
func (s *Sweep) baseValue(tree *yaml.Node, p sweeps.Param) (float64, bool) {
	if p.Choices == nil {
		n, _ := reach(tree, strings.Split(p.Path, "."))
		if n == nil {
			return 0, false
		}
		return p.Parse(n.Value)
	}
	for i, value := range p.Choices {
		e, err := s.Trial([]sweeps.Assignment{{Path: p.Path, Value: value}})
		if err == nil && string(Resolved(e)) == string(Resolved(s.Base)) {
			return float64(i), true
		}
	}
	return 0, false
}

// Read reads an experiment as Resolved wrote it.
func Read(resolved []byte) (Experiment, error) {
	const name = "the stored experiment"
	e, _, err := loadExperiment(func(string) ([]byte, error) { return resolved, nil }, name, nil)
	return e, err
}

// vary makes a document that of one trial: it loses its section sweep, and the
// settings of the trial are put in, each where the space names it.
func (d *document) vary(assign []sweeps.Assignment) {
	var space *yaml.Node
	if at := lookup(d.root, "sweep"); at >= 0 {
		section := d.root.Content[at+1]
		if at := lookup(section, "space"); at >= 0 {
			space = section.Content[at+1]
		}
		d.root = d.without(d.root, []string{"sweep"})
	}
	for _, a := range assign {
		place := &yaml.Node{}
		if at := lookup(space, a.Path); at >= 0 {
			place = space.Content[at]
		}
		d.put(place, a)
	}
}

// put sets one setting of a trial.
func (d *document) put(place *yaml.Node, a sweeps.Assignment) {
	value, problems := registry.Parse("", []byte(a.Value))
	if value == nil && a.Value == "null" {
		value = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
	if value == nil {
		d.problems = append(d.problems, problems...)
		return
	}
	stands(value, place)
	d.adopt(value, d.origins[place])
	s := setter{d, place, a.Path, value}
	d.root = s.put(d.root, strings.Split(a.Path, "."), d.target)
}

// stands gives a tree the line and column of a node.
func stands(n, place *yaml.Node) {
	n.Line, n.Column = place.Line, place.Column
	for _, child := range n.Content {
		stands(child, place)
	}
}

// Resolved writes the experiment with its section sweep and all defaults.
func (s *Sweep) Resolved() []byte {
	e, c := s.Base, s.Config
	e.Sweep = &c
	return Resolved(e)
}

// ReadSweep reads a sweep as its Resolved wrote it.
func ReadSweep(resolved []byte) (*Sweep, error) {
	e, d, _, err := loadWhole(func(string) ([]byte, error) { return resolved, nil }, "the stored experiment", nil)
	if err != nil {
		return nil, err
	}
	if e.Sweep == nil {
		return nil, fmt.Errorf("the stored experiment has no section sweep")
	}
	return d.sweep(e)
}

// Plain writes an experiment as Resolved does, without the settings that have no
// effect in it: it loads without a warning.
func Plain(e Experiment) []byte {
	text := Resolved(e)
	for range maxDepth {
		tree, problems := registry.Parse("", text)
		_, _, warnings, err := loadWhole(func(string) ([]byte, error) { return text, nil }, "plain", nil)
		if tree == nil || problems.Err() != nil || err != nil || len(warnings) == 0 {
			return text
		}
		for _, p := range warnings {
			if strings.HasPrefix(p.Text, "has no effect") {
				drop(tree, strings.Split(p.Path, "."))
			}
		}
		next, err := yaml.Marshal(tree)
		if err != nil || string(next) == string(text) {
			return text
		}
		text = next
	}
	return text
}

// maxDepth is how often leaving a setting out may show another to be idle.
const maxDepth = 8

// drop takes a setting out of a tree.
func drop(n *yaml.Node, words []string) {
	above, _ := reach(n, words[:len(words)-1])
	if at := lookup(above, words[len(words)-1]); at >= 0 {
		above.Content = slices.Delete(above.Content, at, at+2)
	}
}
