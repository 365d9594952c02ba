package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"vertebra/experiments"
)

// printLayers lists what the net is made of, from stem to head.
func printLayers(out io.Writer, p experiments.Plan) error {
	all := 0.0
	for _, l := range p.Layers {
		all += l.Operations
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "layer\tparameters\tarithmetic\ttrained by")
	for _, l := range p.Layers {
		var phases []string
		for _, training := range l.Trained {
			phases = append(phases, trainingWords(training))
		}
		if phases == nil {
			phases = []string{nothing}
		}
		fmt.Fprintf(t, "%s\t%s\t%.1f %%\t%s\n", l.Layer, thousands(l.Parameters), 100*l.Operations/max(1, all), strings.Join(phases, ", "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "together %s parameters, and %.4g million operations for an image\n", thousands(p.Model.Parameters), all/1e6)
	return err
}

// trainingWords say which phase, from when, and with what factors of its rate.
func trainingWords(t experiments.LayerTraining) string {
	words := t.Phase
	if len(t.Factors) > 1 || t.Factors[0] != 1 {
		var factors []string
		for _, f := range t.Factors {
			factors = append(factors, fmt.Sprintf("×%.3g", f))
		}
		words += " " + strings.Join(factors, " and ")
	}
	if t.From > 1 {
		words += fmt.Sprintf(" from epoch %d", t.From)
	}
	if t.Part {
		words += " in part"
	}
	return words
}
