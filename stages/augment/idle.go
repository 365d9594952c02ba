package augment

import (
	"fmt"

	"vertebra/stages/registry"
)

// Idle names entries that never work in a run of so many epochs on images of so many
// slices: those that begin after it, those without a chance, and those for slices where
// there is one. Paths begin below augment.
func (c Config) Idle(epochs, slices int) []registry.FieldProblem { return idle("", c, epochs, slices) }

func idle(path string, entries []registry.One[Augmentation], epochs, slices int) (out []registry.FieldProblem) {
	for i, entry := range entries {
		here := fmt.Sprintf("%s%d.%s", path, i, entry.Name)
		when := entry.Part.when()
		switch {
		case when.From > epochs:
			out = append(out, registry.FieldProblem{
				Path: here + ".from", Text: fmt.Sprintf("epoch %d never comes: the phases have %d together", when.From, epochs), Hint: "begin earlier, or remove the entry",
			})
		case slices < 2 && ofSlices(entry.Part):
			out = append(out, registry.FieldProblem{Path: here, Text: "has no effect: an image is one slice", Hint: "add - stack to preprocess, or remove the entry"})
		case when.P == 0:
			out = append(out, registry.FieldProblem{Path: here + ".p", Text: "has no effect: no image ever gets it", Hint: "remove the entry"})
		}
		if choice, ok := entry.Part.(Choice); ok {
			out = append(out, idle(here+".of.", choice.Members(), epochs, slices)...)
		}
	}
	return out
}

// ofSlices says whether a part, or a view, is about slices.
func ofSlices(part any) bool {
	switch part.(type) {
	case Reverse, SliceDropout, ReverseView:
		return true
	}
	return false
}

// Idle names views that are the image itself, where that is so many slices. Paths begin
// below views.
func (t TestTime) Idle(slices int) (out []registry.FieldProblem) {
	for i, view := range t.Views {
		if slices < 2 && ofSlices(view.Part) {
			out = append(out, registry.FieldProblem{Path: fmt.Sprintf("%d.%s", i, view.Name), Text: "has no effect: an image is one slice", Hint: "add - stack to preprocess, or remove the view"})
		}
	}
	return out
}
