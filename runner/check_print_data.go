package main

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"vertebra/experiments"
	"vertebra/stages/stage"
)

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
	case len(d.FoldRuns) == 0 && d.TestInTurn:
		_, err := fmt.Fprintf(out, "\nfolds   all %d train one net; nothing is left to validate or to test it on: what it is worth\n"+
			"        says a run of the folds, of the same settings\n", d.Folds)
		return err
	case len(d.FoldRuns) == 0:
		_, err := fmt.Fprintf(out, "\nfolds   all %d train, none validates\n", d.Folds)
		return err
	}
	fmt.Fprintf(out, "\nfolds   %d nets, one after the other; the splits above are those of the first\n%s", d.Folds, foldWords[d.TestInTurn])
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "fold\ttrained on\t%s\tvalidated on\t%s\t", d.GroupsAre, d.GroupsAre)
	if d.TestInTurn {
		fmt.Fprintf(t, "tested on\t%s\t", d.GroupsAre)
	}
	fmt.Fprintln(t, strings.Join(d.Classes, "\t"))
	for _, f := range d.FoldRuns {
		held := f.Validation
		fmt.Fprintf(t, "%d\t%d\t%d\t%d\t%d", f.Fold, f.Train.Cases, f.Train.Groups, f.Validation.Cases, f.Validation.Groups)
		if d.TestInTurn {
			held = f.Test
			fmt.Fprintf(t, "\t%d\t%d", f.Test.Cases, f.Test.Groups)
		}
		for _, n := range held.Classes {
			fmt.Fprintf(t, "\t%d", n)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// foldWords say what numbers of folds are of, by whether folds take turns as test set.
var foldWords = map[bool]string{
	false: "        validation: all folds together, each case predicted by the net that did not see it\n" +
		"        test: the mean of the nets' probabilities\n",
	true: "        test: all folds together, each case predicted by the net that neither saw it nor was chosen by it\n" +
		"        validation: the mean of the folds' numbers; each validates on cases dealt from the others\n",
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

// covariateWords say what is known of samples besides their images.
func covariateWords(list []experiments.CovariatePlan) string {
	var out []string
	for _, c := range list {
		words := fmt.Sprintf("%s (%g to %g", c.Name, c.Least, c.Most)
		if c.Values != nil {
			words = c.Name + " (" + stage.Shortened(c.Values)
		}
		if c.Unknown > 0 {
			words += fmt.Sprintf("; unknown of %d", c.Unknown)
		}
		out = append(out, words+")")
	}
	return strings.Join(out, ", ")
}
