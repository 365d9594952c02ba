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
	Trials  bool   `help:"List the runs of sweeps too."`
	Reports string `help:"Folder of HTML reports." default:"reports/out" type:"path"`
	database
}

// Run writes the page of all runs.
func (c indexCommand) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		path, err := writeIndex(ctx, db, c.Reports, listed{Archived: c.All, Trials: c.Trials})
		if err == nil {
			fmt.Fprintln(w.out, path)
		}
		return err
	})
}

// listed says what the page of all runs lists besides.
type listed struct{ Archived, Trials bool }

// writeIndex writes the page of all runs into the folder of reports.
func writeIndex(ctx context.Context, db *results.DB, folder string, which listed) (string, error) {
	l, err := which.listing(ctx, db, func(id string) bool { return hasReport(folder, id) })
	if err != nil {
		return "", err
	}
	pages := comparisonFiles(folder)
	for i, s := range l.Sweeps {
		name := filepath.Base(sweepReportPath(folder, s.ID))
		if at := slices.IndexFunc(pages, func(p reports.Link) bool { return p.Href == name }); at >= 0 {
			l.Sweeps[i].Link, pages = name, slices.Delete(pages, at, at+1)
		}
	}
	l.Links = pages
	path := filepath.Join(folder, reports.IndexFile)
	return path, reports.WriteIndex(ctx, path, l)
}

// refreshIndex writes the page again where it is: it would lead to what is gone, or
// not to what is new.
func refreshIndex(ctx context.Context, db *results.DB, folder string) error {
	if _, err := os.Stat(filepath.Join(folder, reports.IndexFile)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	_, err := writeIndex(ctx, db, folder, listed{})
	return err
}

// listing reads runs and sweeps; a sweep stands for its runs.
func (which listed) listing(ctx context.Context, db *results.DB, has func(id string) bool) (l reports.Listing, err error) {
	list, err := db.Runs(ctx, results.Filter{HideArchived: !which.Archived, HideTrials: !which.Trials})
	if err != nil {
		return l, err
	}
	if !which.Trials {
		if l.Hidden, err = db.TrialRuns(ctx); err != nil {
			return l, err
		}
	}
	watched, err := db.Watched(ctx, list)
	if err != nil {
		return l, err
	}
	for _, r := range list {
		l.Runs = append(l.Runs, reports.Entry{RunSummary: r, Watched: watched[r.ID], HasReport: has(r.ID)})
	}
	l.Sweeps, err = sweepEntries(ctx, db)
	return l, err
}

func sweepEntries(ctx context.Context, db *results.DB) (entries []reports.SweepEntry, err error) {
	list, err := db.Sweeps(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		rec, err := db.LoadSweep(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		entries = append(entries, reports.SweepEntry{SweepSummary: s, Trials: countsWords(rec), Best: bestWords(rec)})
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
