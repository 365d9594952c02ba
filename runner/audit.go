package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"vertebra/experiments"
	"vertebra/stages/audit"
	"vertebra/stages/memory"
	"vertebra/stages/stage"
)

// auditCommand is runner audit.
type auditCommand struct {
	File     string   `arg:"" optional:"" help:"Experiment file." type:"existingfile"`
	Set      []string `help:"Change a setting: path=value." sep:"none" placeholder:"PATH=VALUE"`
	CSV      string   `help:"Also write every finding to this CSV file, a line for each id." type:"path" placeholder:"FILE"`
	Split    string   `help:"Also write which split and fold each case is in to this CSV file; data.split.file reads it." type:"path" placeholder:"FILE"`
	NoPixels bool     `help:"Read headers only: no blank images, no duplicates."`
	Rules    bool     `help:"List all rules instead, with what each does by itself."`
	Cache    string   `help:"Folder of what is known of files." default:".cache" type:"path"`
	Workers  int      `help:"Files read at once." default:"${workers}"`
}

// Run audits the data of an experiment and prints what was found.
func (c auditCommand) Run(ctx context.Context, w world) error {
	if c.Rules {
		return listRules(w.out)
	}
	if c.File == "" {
		return stage.Fault{Err: errors.New("no experiment file is named"), Hint: "runner audit FILE, or runner audit --rules"}
	}
	e, warnings, err := experiments.Load(c.File, c.Set)
	w.warn(warnings)
	if err != nil {
		return err
	}
	env := stage.Env{Now: w.now, Recorder: &notes{out: w.out}, Cache: c.Cache, Workers: max(1, c.Workers), Seed: e.Seed}
	work := audit.Look
	if c.NoPixels {
		work = audit.Run
	}
	defer memory.Sparing()()
	cases, err := work(ctx, env, e.Data)
	if err != nil {
		return experiments.Place(fmt.Errorf("audit: %w", err), c.File, c.Set)
	}
	return errors.Join(printFindings(w.out, cases), writeFindings(c.CSV, cases), writeSplit(c.Split, cases))
}

// notes prints the facts of the audit and what has no effect; the findings are
// printed as a table.
type notes struct{ out io.Writer }

func (n *notes) Record(_ context.Context, records ...stage.Record) error {
	for _, r := range records {
		switch r := r.(type) {
		case stage.Fact:
			if r.Name == audit.CovariatesFact {
				r.Value = strings.Join(stage.ParseCovariates(r.Value).Words(), ", ")
			}
			fmt.Fprintf(n.out, "%s: %s\n", r.Name, r.Value)
		case stage.Event:
			if strings.HasPrefix(r.Text, "data.") {
				fmt.Fprintf(n.out, "%s: %s\n", r.Level, r.Text)
			}
		}
	}
	return nil
}

func (*notes) Progress(stage.Progress) {}

func printFindings(out io.Writer, cases audit.Cases) error {
	if len(cases.All()) == 0 {
		_, err := fmt.Fprintln(out, "\nnothing was found")
		return err
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nseverity\tcount\tof\tdone\trule\tfinding")
	for _, f := range cases.All() {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\n", f.Severity, len(f.IDs), f.Unit, f.Done, f.ID, f.Rule)
		fmt.Fprintf(t, "\t\t\t\t\t  %s: %s\n", f.Reason, strings.Join(f.IDs[:min(3, len(f.IDs))], ", "))
	}
	return t.Flush()
}

func listRules(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "rule\tseverity\tdoes\tcounts\tneeds\twhat it finds")
	for _, r := range audit.Rules() {
		needs := "headers"
		if r.Pixels() {
			needs = "pixels"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s: %s\n", r.ID, r.Severity, r.Do, r.Unit, needs, r.Title, r.Reason)
	}
	return t.Flush()
}

func writeFindings(path string, cases audit.Cases) error {
	rows := [][]string{{"rule", "severity", "done", "unit", "id", "why"}}
	for _, f := range cases.All() {
		for _, id := range f.IDs {
			rows = append(rows, []string{f.ID, f.Severity, f.Done, f.Unit, id, f.Why(id)})
		}
	}
	return writeCSV(path, rows)
}

// writeSplit names the split of each case, or where folds test in turn the fold alone: it says all.
func writeSplit(path string, cases audit.Cases) error {
	rows := [][]string{{"id", "group", "split", "fold"}}
	if cases.TestInTurn() {
		rows[0] = []string{"id", "group", "fold"}
	}
	for _, c := range cases.Cases {
		if c.Turns != nil {
			rows = append(rows, []string{c.ID, c.Group, fmt.Sprint(c.Fold)})
			continue
		}
		rows = append(rows, []string{c.ID, c.Group, string(c.Split), fmt.Sprint(c.Fold)})
	}
	return writeCSV(path, rows)
}

// writeCSV writes nothing where no path is given.
func writeCSV(path string, rows [][]string) error {
	if path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := mayReplace(path, nil, strings.Join(rows[0], ",")); err != nil {
		return err
	}
	return writeWhole(path, func(to io.Writer) error { return csv.NewWriter(to).WriteAll(rows) })
}
