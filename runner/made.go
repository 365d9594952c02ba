package main

import (
	"context"
	"slices"

	"vertebra/results"
)

// made looks for a finished run of the fingerprint and shows it, unless it is to be made again.
func (c places) made(ctx context.Context, w world, db *results.DB, fingerprint string, again bool, same string) (bool, error) {
	if again {
		return false, nil
	}
	runs, err := db.Runs(ctx, results.Filter{Status: results.Done})
	if err != nil {
		return false, err
	}
	at := slices.IndexFunc(runs, func(r results.RunSummary) bool { return r.Fingerprint == fingerprint })
	if at < 0 {
		return false, nil
	}
	return true, c.showDone(ctx, w, db, runs[at], same)
}
