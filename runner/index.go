package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/reports"
	"vertebra/results"
)

// indexCommand is runner index.
type indexCommand struct {
	All     bool   `help:"List archived runs too."`
	Reports string `help:"Folder of HTML reports." default:"reports/out" type:"path"`
	database
}

// Run writes the page of all runs.
func (c indexCommand) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		path, err := writeIndex(ctx, db, c.Reports, c.All)
		if err == nil {
			fmt.Fprintln(w.out, path)
		}
		return err
	})
}

// writeIndex writes the page of all runs into the folder of reports.
func writeIndex(ctx context.Context, db *results.DB, folder string, archived bool) (string, error) {
	entries, err := indexEntries(ctx, db, archived, func(id string) bool { return hasReport(folder, id) })
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, reports.IndexFile)
	return path, reports.WriteIndex(ctx, path, entries, comparisonFiles(folder))
}

// refreshIndex writes the page again where it is: it would lead to what is gone, or
// not to what is new.
func refreshIndex(ctx context.Context, db *results.DB, folder string) error {
	if _, err := os.Stat(filepath.Join(folder, reports.IndexFile)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	_, err := writeIndex(ctx, db, folder, false)
	return err
}

func indexEntries(ctx context.Context, db *results.DB, archived bool, has func(id string) bool) ([]reports.Entry, error) {
	list, err := db.Runs(ctx, results.Filter{HideArchived: !archived})
	if err != nil {
		return nil, err
	}
	watched, err := db.Watched(ctx)
	if err != nil {
		return nil, err
	}
	entries := make([]reports.Entry, len(list))
	for i, r := range list {
		entries[i] = reports.Entry{RunSummary: r, Watched: watched[r.ID], HasReport: has(r.ID)}
	}
	return entries, nil
}

// comparisonFiles are the pages of comparisons and sweeps that lie among the reports, the
// latest first.
func comparisonFiles(folder string) (links []reports.Link) {
	var files []string
	for _, kind := range []string{"compare-*.html", "sweep-*.html"} {
		found, _ := filepath.Glob(filepath.Join(folder, kind)) // the patterns are ours
		files = append(files, found...)
	}
	when := func(path string) int64 {
		info, err := os.Stat(path)
		if err != nil {
			return 0 // removed meanwhile
		}
		return info.ModTime().UnixNano()
	}
	slices.SortStableFunc(files, func(a, b string) int { return int(min(1, max(-1, when(b)-when(a)))) })
	for _, path := range files {
		name := filepath.Base(path)
		links = append(links, reports.Link{Title: strings.TrimSuffix(name, ".html"), Href: name})
	}
	return links
}
