package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"vertebra/finished/compare"
	"vertebra/reports"
	"vertebra/results"
)

// compareCommand is runner compare.
type compareCommand struct {
	Runs []string `arg:"" help:"Runs: names (the latest so called), ids, beginnings of ids, latest, latest-1 (the one before) and so on, or conditions as runner runs takes them, such as status=done model=resnet50. All are held against the first (of those that conditions find, the oldest). Runs that differ in nothing but seed and name are one contender, and so are validations of such runs, or of single folds, on the same data."`
	comparing
	HTML string `name:"html" help:"Write the page to this file; without it, into the folder of reports." type:"path" placeholder:"FILE"`
	JSON bool   `help:"Write JSON, and no page unless --html says where."`
	places
}

// comparing is how runs are compared.
type comparing struct {
	Split     string  `help:"Whose predictions are compared: validation or test; without it those of test, or of validation where test is too small to tell anything apart." enum:",validation,test" default:""`
	Metric    string  `help:"The number that decides, such as macro_f1; without it, what the first run monitored."`
	Margin    float64 `help:"How much worse, by the number that decides, would matter: says also whether the runs are non-inferior to the first, or equivalent. Choose it before you look; 0 does not ask." default:"0" placeholder:"WIDTH"`
	Resamples int     `help:"How often the studies or patients are drawn again." default:"2000"`
	Level     float64 `help:"Level of the intervals; 1 minus it is how often runs without a difference are told apart." default:"0.95"`
	Workers   int     `help:"Resamples measured at once." default:"${workers}"`
}

// reportsIn says which runs have a report in a folder.
func reportsIn(folder string) func(run string) bool {
	return func(run string) bool { return hasReport(folder, run) }
}

func hasReport(folder, id string) bool {
	_, err := os.Stat(filepath.Join(folder, id+".html"))
	return err == nil
}

const nothing = "–"

// Run loads the runs, compares them, and writes words and a page.
func (c compareCommand) Run(ctx context.Context, w world) (err error) {
	db, err := results.OpenExisting(ctx, c.DB)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	found, err := compare.Options(c.comparing).Compare(ctx, db, c.Runs)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(w.out).Encode(comparisonJSON(found.Comparison)); err != nil || c.HTML == "" {
			return err
		}
	} else if err := printComparison(w, found); err != nil {
		return err
	}
	page, err := found.Page(ctx, db, reportsIn(c.Reports))
	if err != nil {
		return err
	}
	path := c.HTML
	if path == "" {
		path = filepath.Join(c.Reports, page.ID+".html")
	}
	if err := errors.Join(reports.WriteComparison(ctx, page, path), refreshIndex(ctx, db, c.Reports)); err != nil || c.JSON {
		return err
	}
	_, err = fmt.Fprintln(w.out, "report", path)
	return err
}
