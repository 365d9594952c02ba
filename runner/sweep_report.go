package main

import (
	"context"
	"os"
	"path/filepath"

	"vertebra/reports"
	"vertebra/results"
)

func sweepReportPath(folder, id string) string { return filepath.Join(folder, "sweep-"+id+".html") }

// writeSweepReport draws what is known of a sweep.
func writeSweepReport(ctx context.Context, db *results.DB, id, folder string) (string, error) {
	rec, err := db.LoadSweep(ctx, id)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	path := sweepReportPath(folder, rec.ID)
	return path, reports.Write(ctx, sweepPage(rec), path)
}

// sweepPage tells a sweep as records, which reports draw by their shapes.
func sweepPage(rec *results.SweepRecord) *results.RunRecord {
	return &results.RunRecord{RunSummary: results.RunSummary{ID: rec.ID, Name: rec.Name, Purpose: rec.Purpose, Status: results.Done, Started: rec.Started, Ended: rec.Seen, File: rec.File}, Experiment: rec.Experiment}
}
