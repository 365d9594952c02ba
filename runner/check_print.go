package main

import (
	"errors"
	"fmt"
	"io"

	"vertebra/experiments"
)

// printPlan shows a plan for people.
func printPlan(out io.Writer, p experiments.Plan) error {
	return errors.Join(printData(out, p.Data), printImages(out, p), printBalance(out, p.Balance), printSoftLabels(out, p), printPhases(out, p), printSizes(out, p))
}

// drawn is how wide the line of a schedule is at most.
const drawn = 40

func printSizes(out io.Writer, p experiments.Plan) error {
	m := p.Memory
	_, err := fmt.Fprintf(out, "memory  about %s on the device: weights %s, gradients %s, optimizer %s%s, activations %s%s, a batch %s%s\n"+
		"disk    images %s, checkpoints %s\n",
		bytes(m.Total()), bytes(m.Weights), bytes(m.Gradients), bytes(m.Optimizer), copied(m), bytes(m.Activations), recomputed(m), bytes(m.Images), onGPU(m),
		bytes(p.Disk.Images), bytes(p.Disk.Checkpoints))
	return err
}

// copied is what averages of the weights take, and what sam goes back to.
func copied(m experiments.Memory) string {
	if m.Copies == 0 {
		return ""
	}
	return ", copies of weights " + bytes(m.Copies)
}

// recomputed says what the activations would be without.
func recomputed(m experiments.Memory) string {
	if m.Whole == 0 {
		return ""
	}
	return fmt.Sprintf(" (recomputed; else %s)", bytes(m.Whole))
}

// onGPU is what is otherwise there.
func onGPU(m experiments.Memory) string {
	words := "\n        on a GPU "
	if m.Reduced > 0 {
		words += fmt.Sprintf("in bf16 %s, and ", bytes(m.Total()-m.Activations+m.Reduced))
	}
	return words + fmt.Sprintf("%s more for all images, where they fit", bytes(m.Resident))
}

// bytes writes a size with three digits: 1.27 GB.
func bytes(n int64) string {
	value, unit := float64(n), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if value < 1000 {
			break
		}
		value, unit = value/1000, next
	}
	return fmt.Sprintf("%.3g %s", value, unit)
}

// thousands writes a count in groups of three digits: 11,176,512.
func thousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
