package preprocess

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func init() {
	Steps.Add("by_view", "a step that is another one, or has other settings, for some views or types of series", ByView{},
		"by_view: {of: {Axial T2: {crop: {around: point, millimetres: 50}}}, else: {crop: {around: point, millimetres: 80}}}")
}

// ByView is one step of several, by what a picture shows: the name of its view, as in
// data.views, or the type of its series, such as Axial T2; the view's name goes first. What
// is no branch goes through Else, and without one stays as it is.
type ByView struct {
	Of   map[string]registry.One[Step] `help:"a step for each view, or type of series, that has one of its own" required:"true"`
	Else *registry.One[Step]           `help:"the step for all others; null: they stay as they are"`
}

// Validate refuses what holds for all images alike.
func (v ByView) Validate() error {
	for _, branch := range v.branches() {
		switch branch.Part.(type) {
		case Normalise, Uint8:
			return fmt.Errorf("%s is for all images alike; write it as a step of its own", branch.Name)
		case ByView:
			return errors.New("a branch of by_view is a step, and no by_view; name all views in one of")
		}
		if branch.Name == "decode" {
			return errors.New("images are decoded by the first step; write by_view after it")
		}
	}
	return nil
}

// branches lists the steps, those of Of by name.
func (v ByView) branches() (out []registry.One[Step]) {
	for _, name := range slices.Sorted(maps.Keys(v.Of)) {
		out = append(out, v.Of[name])
	}
	if v.Else != nil {
		out = append(out, *v.Else)
	}
	return out
}

// branch is the name of the branch that a picture takes, "" for Else.
func (v ByView) branch(m *stage.Mark) string {
	if m == nil {
		return ""
	}
	for _, name := range []string{m.Name, m.Type} {
		if _, there := v.Of[name]; there && name != "" {
			return name
		}
	}
	return ""
}

func (v ByView) step(m *stage.Mark) Step {
	switch name := v.branch(m); {
	case name != "":
		return v.Of[name].Part
	case v.Else != nil:
		return v.Else.Part
	}
	return nil
}

// Apply takes the picture's branch.
func (v ByView) Apply(p *Picture) error {
	step := v.step(p.Case.Picture)
	if step == nil {
		return nil
	}
	if _, takes := step.(wordTaker); !takes {
		p.numbers()
	}
	return step.Apply(p)
}

func (ByView) takesWords() {}

// Shape wants the same of all branches, where it is known: a batch is one tensor.
func (v ByView) Shape(in Shape) (Shape, error) {
	branches := v.branches()
	out, err := branches[0].Part.Shape(in)
	for _, branch := range branches[1:] {
		if err != nil {
			return in, err
		}
		var other Shape
		other, err = branch.Part.Shape(in)
		out = out.or(other)
	}
	if err == nil && v.Else == nil {
		out = out.or(in)
	}
	if err == nil && out.Channels < 0 {
		err = stage.Fault{Err: errors.New("views leave this step with different numbers of channels"), Hint: "give each a stack of as many slices"}
	}
	return out, err
}

// or is a shape that is one of two: a side is known where both have it, and Channels is
// below 0 where they differ.
func (s Shape) or(other Shape) Shape {
	if s.Channels != other.Channels {
		s.Channels = -1
	}
	if s.Width != other.Width || s.Height != other.Height {
		s.Width, s.Height = 0, 0
	}
	return s
}

// Values wants the same of all branches.
func (v ByView) Values(in Values) (Values, error) {
	found := map[Values]bool{}
	for _, branch := range v.branches() {
		out := in
		if s, scales := branch.Part.(Scaler); scales {
			var err error
			if out, err = s.Values(in); err != nil {
				return in, err
			}
		}
		found[out] = true
	}
	if v.Else == nil {
		found[in] = true
	}
	if len(found) > 1 {
		return in, stage.Fault{Err: fmt.Errorf("some views leave this step with %s, others with %s", Unit, Modality), Hint: "give all of them a window, with else for the rest"}
	}
	for out := range found {
		in = out
	}
	return in, nil
}

// Needs are those of any branch, and what the picture shows.
func (v ByView) Needs() Needs {
	all := Needs{View: true}
	for _, branch := range v.branches() {
		all = all.and(needs(branch.Part))
	}
	return all
}

// Version is that of all branches together.
func (v ByView) Version() int {
	all := 1
	for _, branch := range v.branches() {
		all = all*100 + branch.Part.Version()
	}
	return all
}

// typed tells each case that is no view the type of its series.
func typed(cases audit.Cases) audit.Cases {
	marks := map[string]*stage.Mark{}
	cases.Cases = slices.Clone(cases.Cases)
	for i := range cases.Cases {
		c := &cases.Cases[i]
		if c.Picture != nil {
			continue
		}
		kind := cases.Series[c.Series].Type
		if marks[kind] == nil {
			marks[kind] = &stage.Mark{Type: kind}
		}
		c.Picture = marks[kind]
	}
	return cases
}

// kinds are the names of views and the types of series that the cases have.
func kinds(cases audit.Cases) map[string]bool {
	known := map[string]bool{}
	for _, c := range typed(cases.Pictures()).Cases {
		known[c.Picture.Name], known[c.Picture.Type] = true, true
	}
	delete(known, "")
	return known
}

// Untold says whether a step goes by what no picture of the cases tells: all would take its
// Else, whatever they show.
func Untold(cfg Config, cases audit.Cases) bool { return cfg.NeedsView() && len(kinds(cases)) == 0 }

// Unseen finds names of views that no picture of the cases has. Paths begin below
// preprocess.
func Unseen(cfg Config, cases audit.Cases) (out []registry.FieldProblem) {
	if !cfg.NeedsView() {
		return nil
	}
	known := kinds(cases)
	for i, one := range cfg {
		v, ok := one.Part.(ByView)
		if !ok {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(v.Of)) {
			if known[name] {
				continue
			}
			hint := registry.Suggest(name, slices.Sorted(maps.Keys(known)))
			if hint == "" {
				hint = "the images have neither views (data.views) nor types of series"
			}
			out = append(out, registry.FieldProblem{Path: fmt.Sprintf("%d.by_view.of.%s", i, strings.TrimSpace(name)),
				Text: fmt.Sprintf("no image shows the view %q, or is of a series of that type", name), Hint: hint})
		}
	}
	return out
}
