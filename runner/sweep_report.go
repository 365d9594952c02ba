package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"vertebra/experiments"
	"vertebra/reports"
	"vertebra/results"
)

func sweepReportPath(folder, id string) string { return filepath.Join(folder, "sweep-"+id+".html") }

// sweepReport is runner sweep report.
type sweepReport struct {
	Sweep   string `arg:"" help:"Id or name of the sweep, or latest." default:"latest"`
	Reports string `help:"Folder of HTML reports." default:"reports/out" type:"path"`
	database
}

// Run draws the report from the database.
func (c sweepReport) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		path, err := writeSweepReport(ctx, db, c.Sweep, c.Reports, true)
		if err == nil {
			_, err = fmt.Fprintln(w.out, path)
		}
		return err
	})
}

// writeSweepReport draws what is known of a sweep. While it runs, what takes long
// is left out: verdicts and what choosing the best is worth.
func writeSweepReport(ctx context.Context, db *results.DB, id, folder string, final bool) (string, error) {
	rec, err := db.LoadSweep(ctx, id)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	page, err := sweepPage(ctx, db, rec, folder, final)
	if err != nil {
		return "", err
	}
	path := sweepReportPath(folder, rec.ID)
	if err := reports.WriteSweep(ctx, page, path); err != nil || !final {
		return path, err
	}
	_, err = writeIndex(ctx, db, folder, listed{})
	return path, err
}

// sweepPage fills the page.
func sweepPage(ctx context.Context, db *results.DB, rec *results.SweepRecord, folder string, final bool) (reports.Sweep, error) {
	page := reports.Sweep{Record: rec, Best: -1, HasReport: func(run string) bool { return hasReport(folder, run) }}
	s, err := experiments.ReadSweep([]byte(rec.Experiment))
	if err != nil {
		return page, err
	}
	b := boardOf(rec, s)
	page.Settings, page.Trials = b.settings(), b.trials()
	page.Figures, page.Surfaces = b.importance()
	best := bestTrial(rec)
	if best == nil {
		return page, nil
	}
	page.Best = best.Number
	if e, err := experiments.Read([]byte(best.Experiment)); err == nil {
		e.Data.Split.Fold = s.Base.Data.Split.Fold
		page.Experiment = string(experiments.Plain(e))
	}
	run, err := db.Load(ctx, best.Run)
	if err != nil {
		return page, nil // it was deleted
	}
	page.Finals = run.Finals
	if final {
		b.judge(ctx, db, &page, best)
		b.inTurn(ctx, db, &page, best)
	}
	return page, nil
}
