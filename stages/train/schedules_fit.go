package train

import (
	"fmt"

	"vertebra/stages/registry"
)

// Fits of a schedule says what of its settings comes to nothing in a phase of so many
// epochs.

// Fits wants the warm-up to end within the phase.
func (p Pace) Fits(epochs int) []registry.FieldProblem {
	if p.Warmup > 0 && p.Warmup >= float64(epochs) {
		return []registry.FieldProblem{{
			Path: "warmup", Text: fmt.Sprintf("takes %g epochs, the phase ends after %d: the rate never gets to its value", p.Warmup, epochs),
			Hint: "shorten it, or give the phase more epochs",
		}}
	}
	return nil
}

// Fits wants changes before the end.
func (d StepDecay) Fits(epochs int) (out []registry.FieldProblem) {
	if len(d.At) == 0 && d.Every >= epochs {
		out = append(out, registry.FieldProblem{Path: "every", Text: fmt.Sprintf("has no effect: the phase ends after epoch %d", epochs), Hint: "choose fewer than epochs"})
	}
	for i, at := range d.At {
		if at >= epochs {
			out = append(out, registry.FieldProblem{Path: fmt.Sprintf("at.%d", i), Text: fmt.Sprintf("has no effect: the phase ends after epoch %d", epochs), Hint: "choose fewer than epochs, or remove it"})
		}
	}
	return out
}

// Fits wants an epoch for each cycle.
func (c Cosine) Fits(epochs int) []registry.FieldProblem {
	out := c.Pace.Fits(epochs)
	if left := float64(epochs) - c.Warmup; len(out) == 0 && float64(c.Cycles) > left {
		out = append(out, registry.FieldProblem{Path: "cycles", Text: fmt.Sprintf("%d cycles share %g epochs: some are shorter than an epoch", c.Cycles, left), Hint: "choose fewer, or give the phase more epochs"})
	}
	return out
}

// Fits wants a whole triangle.
func (c Cyclic) Fits(epochs int) []registry.FieldProblem {
	if length := c.Rise + c.Fall; length > float64(epochs) {
		return []registry.FieldProblem{{Path: "rise", Text: fmt.Sprintf("a triangle takes %g epochs, the phase ends after %d", length, epochs), Hint: "shorten rise and fall, or give the phase more epochs"}}
	}
	return nil
}

// Fits wants the rate to have time to fall.
func (p PlateauKeras) Fits(epochs int) []registry.FieldProblem { return patient(p.Waits(), epochs) }

// Waits is after how many epochs without a better value the rate falls.
func (p PlateauKeras) Waits() int { return p.Patience }

// Fits wants the rate to have time to fall.
func (p PlateauPyTorch) Fits(epochs int) []registry.FieldProblem { return patient(p.Waits(), epochs) }

// Waits is after how many epochs without a better value the rate falls.
func (p PlateauPyTorch) Waits() int { return p.Patience + 1 }

// patient: the first epoch is the one to beat, and what falls counts from the epoch
// after on.
func patient(waits, epochs int) []registry.FieldProblem {
	if waits+1 >= epochs {
		return []registry.FieldProblem{{Path: "patience", Text: fmt.Sprintf("has no effect: the phase ends after epoch %d", epochs), Hint: "choose fewer, or give the phase more epochs"}}
	}
	return nil
}
