package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// labelIssuesCommand is runner label-issues.
type labelIssuesCommand struct {
	ID    string `arg:"" name:"run" help:"Finished run: its name (the latest so called), its id, the beginning of one, or latest."`
	Split string `help:"Whose labels: validation, test, or both." enum:"validation,test,both" default:"both"`
	Most  int    `help:"How many are printed; --out has all." default:"20"`
	Out   string `short:"o" help:"CSV file to write, with a column row_id, as data.drop takes it." placeholder:"FILE" type:"path"`
	database
}

// tooMany is the part of all labels that nobody gets wrong.
const tooMany = 5

// Run looks at the labels that a run's nets did not learn from.
func (c labelIssuesCommand) Run(ctx context.Context, w world) error {
	record, err := c.load(ctx, c.ID)
	if err != nil {
		return err
	}
	of := finished.Contestant(record)
	items := c.chosen(of.Predictions)
	if len(items) == 0 {
		return stage.Fault{Err: fmt.Errorf("run %s has no predictions of that split", record.ID), Hint: "name a finished run, or --split both"}
	}
	found, err := evaluate.LabelIssues(of.Classes, items)
	if err != nil {
		return fmt.Errorf("run %s: %w", record.ID, err)
	}
	if err := c.write(of.Classes, found); err != nil {
		return err
	}
	return c.print(w.out, record, of.Classes, found, len(items))
}

// chosen are the predictions of the splits that are asked for.
func (c labelIssuesCommand) chosen(items []stage.Prediction) []stage.Prediction {
	if c.Split == "both" {
		return heldOut(items)
	}
	return evaluate.LastOf(items, stage.Split(c.Split))
}

// heldOut are all predictions of cases that a net did not learn from, each once.
func heldOut(items []stage.Prediction) []stage.Prediction {
	return append(evaluate.LastOf(items, stage.Validation), evaluate.LastOf(items, stage.Test)...)
}

// print shows the least likely labels, and says what was not looked at.
func (c labelIssuesCommand) print(out io.Writer, record *results.RunRecord, classes []string, found []evaluate.LabelIssue, of int) error {
	fmt.Fprintf(out, "%d of %d labels are contradicted with confidence by nets of run %s that did not learn from them\n", len(found), of, record.ID)
	if len(found) > 0 && c.Most > 0 {
		t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprint(t, "\ncase\tlabel\tprobability\tsuggested\tprobability")
		for _, issue := range found[:min(len(found), c.Most)] {
			fmt.Fprintf(t, "\n%s\t%s\t%.3f\t%s\t%.3f", issue.CaseID, classes[issue.Label], issue.Given(), classes[issue.Suggested], issue.Other())
		}
		fmt.Fprintln(t)
		if more := len(found) - c.Most; more > 0 {
			fmt.Fprintf(t, "… %d more: -o FILE has all\n", more)
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	words := "look at them first: a net that is wrong in a way of its own contradicts right labels too. The report shows pictures of mistakes"
	if len(found) > of/tooMany {
		words = "so many say more of the nets than of the labels: ask again when they are better"
	}
	if all, held := record.Fact("cases"), len(heldOut(record.Predictions)); all != "" && all != fmt.Sprint(held) {
		words += fmt.Sprintf("\nof %s cases the nets were held out from %d: data.split: {folds: 5} lets every case but those for test be predicted so, and rotate: test all of them", all, held)
	}
	_, err := fmt.Fprintf(out, "\n%s\n", words)
	return err
}

// write stores all, as data.drop.rows_file reads it, where a file is named.
func (c labelIssuesCommand) write(classes []string, found []evaluate.LabelIssue) error {
	rows := [][]string{{"row_id", "split", "label", "label_probability", "suggested", "suggested_probability"}}
	for _, issue := range found {
		rows = append(rows, []string{issue.CaseID, string(issue.Split), classes[issue.Label], digits(issue.Given()), classes[issue.Suggested], digits(issue.Other())})
	}
	return writeCSV(c.Out, rows)
}
