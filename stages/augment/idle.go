package augment

import (
	"fmt"

	"vertebra/stages/registry"
)

// Stack is what is known of an image's slices and colours.
type Stack struct {
	Slices  int  // of each view; 0 and 1: one
	Blind   bool // the net gives the same for any order of them
	Colours bool // images have red, green and blue
}

// Idle names entries that never work in a run of so many epochs: those that begin after
// it, those without a chance, those for colours of grey images, and those for slices where there
// is one, or where the net does not see what they do. Paths begin below augment.
func (c Config) Idle(epochs int, of Stack) []registry.FieldProblem { return idle("", c, epochs, of) }

func idle(path string, entries []registry.One[Augmentation], epochs int, of Stack) (out []registry.FieldProblem) {
	for i, entry := range entries {
		here := fmt.Sprintf("%s%d.%s", path, i, entry.Name)
		when := entry.Part.when()
		switch {
		case when.From > epochs:
			out = append(out, registry.FieldProblem{
				Path: here + ".from", Text: fmt.Sprintf("epoch %d never comes: the phases have %d together", when.From, epochs), Hint: "begin earlier, or remove the entry",
			})
		case of.idle(entry.Part) != nil:
			f := *of.idle(entry.Part)
			out = append(out, registry.FieldProblem{Path: here, Text: f.Text, Hint: f.Hint + ", or remove the entry"})
		case when.P == 0:
			out = append(out, registry.FieldProblem{Path: here + ".p", Text: "has no effect: no image ever gets it", Hint: "remove the entry"})
		}
		if choice, ok := entry.Part.(Choice); ok {
			out = append(out, idle(here+".of.", choice.Members(), epochs, of)...)
		}
	}
	return out
}

// idle says why a part, or a view, has no effect on slices or colours; nil where it has, or is
// about something else.
func (o Stack) idle(part any) *registry.FieldProblem {
	if _, ok := part.(coloured); ok && !o.Colours {
		return &registry.FieldProblem{Text: "has no effect: images are grey", Hint: "write decode: {colour: rgb} in preprocess"}
	}
	turns := false
	switch part.(type) {
	case Reverse, ReverseView:
		turns = true
	case SliceDropout, SliceShift:
	default:
		return nil
	}
	switch {
	case o.Slices < 2:
		return &registry.FieldProblem{Text: "has no effect: an image is one slice", Hint: "add - stack to preprocess"}
	case turns && o.Blind:
		return &registry.FieldProblem{Text: "the net cannot see it: its slices are pooled as a set, whatever their order", Hint: "set model.slices to lstm or transformer"}
	}
	return nil
}

// Idle names views that are the image itself, or nothing else to the net. Paths begin below
// views.
func (t TestTime) Idle(of Stack) (out []registry.FieldProblem) {
	for i, view := range t.Views {
		if f := of.idle(view.Part); f != nil {
			out = append(out, registry.FieldProblem{Path: fmt.Sprintf("%d.%s", i, view.Name), Text: f.Text, Hint: f.Hint + ", or remove the view"})
		}
	}
	return out
}
