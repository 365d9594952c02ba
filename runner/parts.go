package main

import (
	"context"
	"fmt"
	"io"

	"vertebra/stages/audit"
	"vertebra/stages/augment"
	"vertebra/stages/evaluate"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/train"
)

// partsCommand is runner parts.
type partsCommand struct{}

// Run lists every kind of part, in the order of the file's sections.
func (partsCommand) Run(_ context.Context, w world) error {
	show(w.out, "data.source", audit.Sources.Parts())
	show(w.out, "preprocess", preprocess.Steps.Parts())
	show(w.out, "augment", augment.Augmentations.Parts())
	show(w.out, "model.backbone", model.Backbones.Parts())
	show(w.out, "model.head", model.Layers.Parts())
	show(w.out, "train.loss", train.Losses.Parts())
	show(w.out, "train.optimizer", train.Optimizers.Parts())
	show(w.out, "train.phases[].schedule", train.Schedules.Parts())
	show(w.out, "evaluate.metrics", evaluate.Metrics.Parts())
	return nil
}

func show(out io.Writer, section string, parts []registry.PartInfo) {
	fmt.Fprintf(out, "%s\n", section)
	for _, p := range parts {
		fmt.Fprintf(out, "  %-18s %s\n", p.Name, p.Help)
		for _, s := range p.Settings {
			fmt.Fprintf(out, "      %-16s %s (%s, default %v)\n", s.Name, s.Help, s.Type, s.Default)
		}
	}
	fmt.Fprintln(out)
}
