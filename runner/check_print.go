package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"vertebra/experiments"
	"vertebra/stages/model"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// printPlan shows a plan for people.
func printPlan(out io.Writer, p experiments.Plan) error {
	return errors.Join(printData(out, p.Data), printImages(out, p), printBalance(out, p.Balance), printSoftLabels(out, p), printPhases(out, p), printSizes(out, p))
}

func printData(out io.Writer, d experiments.DataPlan) error {
	var table strings.Builder
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	columns := append(countColumns(d), d.Classes...)
	fmt.Fprintf(t, "split\t%s\n", strings.Join(columns, "\t"))
	for _, s := range d.Splits {
		countLine(t, s, nil)
	}
	for i, tag := range d.Tags {
		same := func(other experiments.TagCount) bool { return reflect.DeepEqual(other.Values, tag.Values) }
		if len(tag.Values) < 2 || slices.ContainsFunc(d.Tags[:i], same) { // tells no cases apart, or the same ones
			continue
		}
		fmt.Fprintf(t, "%s\n%s\t%s\n", strings.Repeat("\t", len(columns)-1), tag.Tag, strings.Join(columns, "\t"))
		for _, v := range tag.Values {
			var of []string
			if tag.Tag == stage.TargetTag {
				of = d.TargetClasses[v.Name]
			}
			countLine(t, v, otherThan(d.Classes, of))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, line := range strings.Split(strings.TrimSpace(table.String()), "\n") {
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
	if err := printFolds(out, d); err != nil {
		return err
	}
	for i, r := range append(append([]experiments.Rule{}, d.Dropped...), d.Findings...) {
		if i == 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "%-8s%5d  %s: %s\n", r.Done, r.Count, r.Rule, r.Reason)
	}
	return nil
}

// printFolds says what each net of a cross-validation trains and validates on.
func printFolds(out io.Writer, d experiments.DataPlan) error {
	switch {
	case d.Folds == 0:
		return nil
	case d.Fold > 0:
		_, err := fmt.Fprintf(out, "\nfolds   %d of %d alone\n", d.Fold, d.Folds)
		return err
	case len(d.FoldRuns) == 0:
		_, err := fmt.Fprintf(out, "\nfolds   all %d train, none validates\n", d.Folds)
		return err
	}
	fmt.Fprintf(out, "\nfolds   %d nets, one after the other; the splits above are those of the first\n"+
		"        validation: all folds together, each case predicted by the net that did not see it\n"+
		"        test: the mean of the nets' probabilities\n", d.Folds)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "fold\ttrained on\t%s\tvalidated on\t%s\t%s\n", d.GroupsAre, d.GroupsAre, strings.Join(d.Classes, "\t"))
	for _, f := range d.FoldRuns {
		fmt.Fprintf(t, "%d\t%d\t%d\t%d\t%d", f.Fold, f.Train.Cases, f.Train.Groups, f.Validation.Cases, f.Validation.Groups)
		for _, n := range f.Validation.Classes {
			fmt.Fprintf(t, "\t%d", n)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// countColumns are what countLine prints before the classes.
func countColumns(d experiments.DataPlan) []string {
	if len(d.Targets) > 0 {
		return []string{"cases", "samples", d.GroupsAre, "images"}
	}
	return []string{"cases", d.GroupsAre, "images"}
}

// otherThan are the places of classes that are none of a target's own; none where it has
// all.
func otherThan(classes, own []string) map[int]bool {
	out := map[int]bool{}
	for i, class := range classes {
		if own != nil && !slices.Contains(own, class) {
			out[i] = true
		}
	}
	return out
}

// countLine has a dash for classes that cases of this name cannot have.
func countLine(t io.Writer, c experiments.Count, without map[int]bool) {
	name := c.Name
	if name == "" {
		name = "(none)"
	}
	fmt.Fprintf(t, "%s\t%d", name, c.Cases)
	if c.Samples > 0 {
		fmt.Fprintf(t, "\t%d", c.Samples)
	}
	fmt.Fprintf(t, "\t%d\t%d", c.Groups, c.Images)
	for i, n := range c.Classes {
		if without[i] {
			fmt.Fprint(t, "\t-")
			continue
		}
		fmt.Fprintf(t, "\t%d", n)
	}
	fmt.Fprintln(t)
}

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
	middle := ""
	if side := p.Images.CenterCrop; side > 0 {
		middle = fmt.Sprintf(" (the net sees the middle %d×%d)", side, side)
	}
	fmt.Fprintf(out, "images  %d×%d×%d%s, %d in a batch, %d steps an epoch\nmodel   %s: %s, %s parameters, %d outputs%s\n",
		p.Images.Channels, p.Images.Height, p.Images.Width, middle, p.Images.Batch, p.Images.StepsPerEpoch,
		p.Model.Backbone, seenWords(p.Model)+headWords(p.Model), thousands(p.Model.Parameters), p.Model.Outputs, outputWords(p))
	if p.Model.WeightsAre != "" {
		fmt.Fprintf(out, "weights %s\n", p.Model.WeightsAre)
	}
	return printDownload(out, p.Model.Download)
}

// covariateWords say what is known of samples besides their images.
func covariateWords(list []experiments.CovariatePlan) string {
	var out []string
	for _, c := range list {
		words := fmt.Sprintf("%s (%g to %g", c.Name, c.Least, c.Most)
		if c.Values != nil {
			words = c.Name + " (" + shortened(c.Values)
		}
		if c.Unknown > 0 {
			words += fmt.Sprintf("; unknown of %d", c.Unknown)
		}
		out = append(out, words+")")
	}
	return strings.Join(out, ", ")
}

// shortened lists some words, and counts the others.
func shortened(words []string) string {
	const most = 6
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s, … %d values", strings.Join(words[:most-1], ", "), len(words))
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

// epochs counts them in words.
func epochs(n int) string {
	if n == 1 {
		return "1 epoch"
	}
	return fmt.Sprintf("%d epochs", n)
}

// drawn is how wide the line of a schedule is at most.
const drawn = 40

func printPhases(out io.Writer, p experiments.Plan) error {
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

func printSizes(out io.Writer, p experiments.Plan) error {
	m := p.Memory
	_, err := fmt.Fprintf(out, "memory  about %s on the device: weights %s, gradients %s, optimizer %s, activations %s%s, a batch %s%s\n"+
		"disk    images %s, checkpoints %s\n",
		bytes(m.Total()), bytes(m.Weights), bytes(m.Gradients), bytes(m.Optimizer), bytes(m.Activations), recomputed(m), bytes(m.Images), onGPU(m),
		bytes(p.Disk.Images), bytes(p.Disk.Checkpoints))
	return err
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
