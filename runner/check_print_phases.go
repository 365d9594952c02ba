package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"vertebra/experiments"
	"vertebra/stages/train"
)

// printBalance says what balancing does to the classes; nothing where it does nothing.
func printBalance(out io.Writer, counts []train.ClassCount) error {
	if !slices.ContainsFunc(counts, func(c train.ClassCount) bool { return c.Drawn != c.Cases || c.Weight != 1 }) {
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nbalance\ttraining cases\tdrawn in an epoch\tclass weight\tshare of the loss")
	for _, c := range counts {
		fmt.Fprintf(t, "%s\t%d\t%d\t%.4g\t%.1f %%\n", c.Named(), c.Cases, c.Drawn, c.Weight, 100*c.Share)
	}
	return t.Flush()
}

// printSoftLabels says what files make of the labels of training cases.
func printSoftLabels(out io.Writer, p experiments.Plan) (err error) {
	if p.SoftLabels != nil {
		_, err = fmt.Fprintf(out, "\nlabels  %s\n", p.SoftLabels.Words)
	}
	if p.PseudoLabels != "" {
		_, pseudo := fmt.Fprintf(out, "\npseudo  %s\n", p.PseudoLabels)
		err = errors.Join(err, pseudo)
	}
	return err
}

// epochs counts them in words.
func epochs(n int) string {
	if n == 1 {
		return "1 epoch"
	}
	return fmt.Sprintf("%d epochs", n)
}

func printPhases(out io.Writer, p experiments.Plan) error {
	if err := printPretrain(out, p.Pretrain); err != nil {
		return err
	}
	for _, phase := range p.Phases {
		fmt.Fprintf(out, "\nphase   %s: at most %s of %s, %s trainable parameters (%.1f %%)\n", phase.Name, epochs(phase.Epochs),
			strings.Join(phase.Groups, ", "), thousands(phase.Trainable), 100*float64(phase.Trainable)/float64(max(1, p.Model.Parameters)))
		fmt.Fprintf(out, "  rate  %s %s\n", experiments.Sparkline(phase.Rates, drawn), rateWords(phase))
		for _, line := range phaseLines(p, phase) {
			fmt.Fprintln(out, "  "+line)
		}
	}
	fmt.Fprintf(out, "\nmonitor %s\nmetrics %s\n", p.Monitor, strings.Join(p.Metrics, ", "))
	if p.Sets != "" {
		fmt.Fprintf(out, "sets    %s\n", p.Sets)
	}
	if p.Outliers != "" {
		fmt.Fprintf(out, "outliers %s\n", p.Outliers)
	}
	if p.TestTime != "" {
		fmt.Fprintf(out, "predict %s\n", p.TestTime)
	}
	return printLocate(out, p.Locate)
}

// printPretrain is about what the backbone learns from images alone.
func printPretrain(out io.Writer, p *experiments.PretrainPlan) error {
	if p == nil {
		return nil
	}
	_, err := fmt.Fprintf(out, "\npretrain %s, %s of %s images in batches of %d, each in two views: %s of the training split, %s beside the data\n  about %s on the device; a pretraining of the same content that the cache has is not done again\n",
		p.Method, epochs(p.Epochs), thousands(int64(p.Own+p.Beside)), p.Batch, thousands(int64(p.Own)), thousands(int64(p.Beside)), bytes(p.Memory))
	for _, left := range p.Left {
		_, second := fmt.Fprintf(out, "  %s\n", left)
		err = errors.Join(err, second)
	}
	return err
}

// printLocate is about the net that finds points.
func printLocate(out io.Writer, p *experiments.LocatePlan) error {
	if p == nil {
		return nil
	}
	_, err := fmt.Fprintf(out, "\nlocate  %d points on %d series, by %s on slices of %d × %d pixels, %s parameters\n  train %s of %s slices in batches of %d, about %s on the device\n",
		p.Points, p.Series, p.Backbone, p.Pixels, p.Pixels, thousands(p.Parameters), epochs(p.Epochs), thousands(int64(p.Train)), p.Batch, bytes(p.Memory))
	return errors.Join(err, printDownload(out, p.Download))
}

// phaseLines tell what a phase does otherwise than phases usually do.
func phaseLines(p experiments.Plan, phase experiments.Phase) (lines []string) {
	say := func(on bool, format string, values ...any) {
		if on {
			lines = append(lines, fmt.Sprintf(format, values...))
		}
	}
	lines = layerRates(phase)
	say(len(phase.Others) > 0, "other optimizers: %s", strings.Join(phase.Others, ", "))
	for _, j := range phase.Joining {
		say(true, "join  %s from epoch %d", strings.Join(j.Groups, ", "), j.Epoch)
	}
	say(phase.BatchNorm == "frozen", "norm  statistics of batch-norm stay as they are in all layers")
	say(phase.BatchNorm == "training", "norm  statistics of batch-norm move in all layers, frozen ones too")
	say(phase.OptimizerState == "kept", "keeps what the optimizer remembers of the phase before")
	say(phase.Views == 1, "views one of each image, in every epoch")
	say(phase.Views > 1, "views %d of each image, in turn", phase.Views)
	say(phase.Features.Views == 1, "once  what lies before %s is computed, for each image: %s", phase.Features.Before, bytes(phase.Features.Bytes))
	say(phase.Features.Views > 1, "once  what lies before %s is computed, for each of %d views of an image: %s", phase.Features.Before, phase.Features.Views, bytes(phase.Features.Bytes))
	say(phase.Features.Views == 0 && phase.Features.Layers > 0, "again what lies before %s is computed in every epoch: %s", phase.Features.Before, phase.Features.Why)
	say(phase.Monitor != p.Monitor, "looks at %s", phase.Monitor)
	say(phase.Patience > 0, "stop  after %s without a better %s", epochs(phase.Patience), phase.Monitor)
	say(phase.From != "", "from  the %s weights of the phase before", phase.From)
	return lines
}

func rateWords(p experiments.Phase) string {
	first, last := p.Rates[0], p.Rates[len(p.Rates)-1]
	words := fmt.Sprintf("%.4g", first)
	if last != first {
		words = fmt.Sprintf("%.4g → %.3g", first, last)
	}
	words += " (" + p.Schedule
	if p.Follows {
		words += "; drawn as if the monitored number never got better"
	}
	return words + ")"
}
