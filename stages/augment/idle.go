package augment

import (
	"fmt"

	"vertebra/stages/registry"
)

// Idle names entries that never work in a run of so many epochs: those that begin
// after it, and those without a chance. Paths begin below augment.
func (c Config) Idle(epochs int) []registry.FieldProblem { return idle("", c, epochs) }

func idle(path string, entries []registry.One[Augmentation], epochs int) (out []registry.FieldProblem) {
	for i, entry := range entries {
		here := fmt.Sprintf("%s%d.%s", path, i, entry.Name)
		when := entry.Part.when()
		switch {
		case when.From > epochs:
			out = append(out, registry.FieldProblem{
				Path: here + ".from", Text: fmt.Sprintf("epoch %d never comes: the phases have %d together", when.From, epochs), Hint: "begin earlier, or remove the entry",
			})
		case when.P == 0:
			out = append(out, registry.FieldProblem{Path: here + ".p", Text: "has no effect: no image ever gets it", Hint: "remove the entry"})
		}
		if choice, ok := entry.Part.(Choice); ok {
			out = append(out, idle(here+".of.", choice.Members(), epochs)...)
		}
	}
	return out
}
