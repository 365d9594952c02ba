package main

import (
	"fmt"
	"io"
	"strings"

	"vertebra/experiments"
	"vertebra/stages/model"
)

// outputWords say what the outputs of a net for several targets are.
func outputWords(p experiments.Plan) string {
	n := len(p.Data.Targets)
	switch {
	case n == 0:
		return ""
	case p.Model.OutputsOf == nil:
		return fmt.Sprintf(", %d for each of %d targets: %s", p.Model.Outputs/n, n, strings.Join(p.Data.Targets, ", "))
	}
	words := make([]string, n)
	for i, target := range p.Data.Targets {
		words[i] = fmt.Sprintf("%s %d", target, p.Model.OutputsOf[i])
	}
	return fmt.Sprintf(" of %d targets: %s", n, strings.Join(words, ", "))
}

func printImages(out io.Writer, p experiments.Plan) error {
	fmt.Fprintln(out)
	for _, s := range p.Images.Steps {
		fmt.Fprintf(out, "step    %s: %d in the cache, %d to be made\n", s.Step, s.Hits, s.Misses)
	}
	if len(p.Data.Covariates) > 0 {
		fmt.Fprintf(out, "beside  %s\n", covariateWords(p.Data.Covariates))
	}
	fmt.Fprintf(out, "images  %d×%d×%d%s, %d in a batch, %d steps an epoch\nmodel   %s: %s, %s parameters, %d outputs%s\n",
		p.Images.Channels, p.Images.Height, p.Images.Width, middleWords(p.Images), p.Images.Batch, p.Images.StepsPerEpoch,
		p.Model.Backbone, seenWords(p.Model)+headWords(p.Model), thousands(p.Model.Parameters), p.Model.Outputs, outputWords(p))
	if p.Model.WeightsAre != "" {
		fmt.Fprintf(out, "weights %s\n", p.Model.WeightsAre)
	}
	return printDownload(out, p.Model.Download)
}

// middleWords say what the net sees of images, where that is not all of them.
func middleWords(p experiments.ImagePlan) string {
	switch side, slices := p.CenterCrop, p.MiddleSlices; {
	case side > 0 && slices > 0:
		return fmt.Sprintf(" (the net sees the middle %d slices, of these the middle %d×%d)", slices, side, side)
	case slices > 0:
		return fmt.Sprintf(" (the net sees the middle %d slices)", slices)
	case side > 0:
		return fmt.Sprintf(" (the net sees the middle %d×%d)", side, side)
	}
	return ""
}

// seenWords say what goes through the backbone one by one, and how its maps are pooled.
func seenWords(m experiments.ModelPlan) (words string) {
	if m.Views > 1 {
		words = fmt.Sprintf("%d views one by one, side by side, ", m.Views)
	}
	if m.Pool != model.Default.Pool.Name {
		words = fmt.Sprintf("maps pooled by %s, ", m.Pool) + words
	}
	if m.Slices > 1 {
		words = fmt.Sprintf("%d slices one by one, pooled by %s, ", m.Slices, m.Pooling) + words
	}
	return words
}

func headWords(m experiments.ModelPlan) string {
	words := "no head layers"
	if len(m.Head) > 0 {
		words = "head " + strings.Join(m.Head, ", ")
	}
	if m.Lora != "" {
		words = m.Lora + ", " + words
	}
	if m.Weights == "" {
		return words + ", drawn weights"
	}
	return words + ", weights of " + m.Weights
}

// printDownload says what a run gets first.
func printDownload(out io.Writer, d *experiments.DownloadPlan) error {
	if d == nil {
		return nil
	}
	_, err := fmt.Fprintf(out, "weights %s, %s, is not there yet: a run downloads it from %s\n", d.To, bytes(d.Bytes), d.URL)
	return err
}
