package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vertebra/finished"
	"vertebra/results"
	"vertebra/stages/stage"
)

// runsTagCommand is runner runs tag.
type runsTagCommand struct {
	Key    string   `arg:"" name:"run" help:"Run: its name (the latest so called), its id, the beginning of one, or latest."`
	Tags   []string `arg:"" optional:"" help:"Tags to add."`
	Remove []string `help:"Tags to remove."`
	database
}

// Run changes tags.
func (c runsTagCommand) Run(ctx context.Context, w world) error {
	if len(c.Tags)+len(c.Remove) == 0 {
		return stage.Fault{Err: errors.New("no tag is named"), Hint: "runner runs tag RUN paper, or --remove paper"}
	}
	return c.use(ctx, func(db *results.DB) error {
		id, err := db.Tag(ctx, c.Key, c.Tags, c.Remove)
		if err == nil {
			fmt.Fprintf(w.out, "tagged %s\n", id)
		}
		return err
	})
}

// runsNoteCommand is runner runs note.
type runsNoteCommand struct {
	Key  string `arg:"" name:"run" help:"Run: its name (the latest so called), its id, the beginning of one, or latest."`
	Text string `arg:"" help:"The note, in quotes; an empty one removes it."`
	database
}

// Run replaces the note.
func (c runsNoteCommand) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		id, err := db.Note(ctx, c.Key, c.Text)
		if err == nil {
			fmt.Fprintf(w.out, "noted at %s\n", id)
		}
		return err
	})
}

// runsArchiveCommand is runner runs archive.
type runsArchiveCommand struct {
	Keys []string `arg:"" name:"run" help:"Runs: ids, beginnings of them, or latest."`
	Undo bool     `help:"Put them back into lists."`
	database
}

// Run puts runs away, or back.
func (c runsArchiveCommand) Run(ctx context.Context, w world) error {
	at, done := w.now(), "archived"
	if c.Undo {
		at, done = time.Time{}, "listed again:"
	}
	return c.use(ctx, func(db *results.DB) error {
		for _, key := range c.Keys {
			id, err := db.Archive(ctx, key, at)
			if err != nil {
				return err
			}
			fmt.Fprintln(w.out, done, id)
		}
		return nil
	})
}

// runsDeleteCommand is runner runs delete.
type runsDeleteCommand struct {
	Keys []string `arg:"" name:"run" help:"Runs: ids, or beginnings of them."`
	Yes  bool     `help:"Delete; without it, only what would be deleted is shown."`
	database
	Runs    string `help:"Folder of checkpoints, one folder for each run." default:"runs" type:"path"`
	Reports string `help:"Folder of HTML reports." default:"reports/out" type:"path"`
}

// Run deletes runs, files first: a run whose files stay, stays.
func (c runsDeleteCommand) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		for _, key := range c.Keys {
			if _, latest := results.IsLatest(key); latest {
				return stage.Fault{Err: fmt.Errorf("%s may be another run by now", key), Hint: "give the id of the run to delete"}
			}
		}
		if !c.Yes {
			return c.foreseeAll(ctx, w, db)
		}
		for _, key := range c.Keys {
			err := db.Delete(ctx, key, func(r results.RunSummary, artefacts []stage.Artefact) error {
				return c.remove(w, r.ID, artefacts)
			})
			if err != nil {
				return err
			}
		}
		return refreshIndex(ctx, db, c.Reports)
	})
}

// foreseeAll says what --yes would delete.
func (c runsDeleteCommand) foreseeAll(ctx context.Context, w world, db *results.DB) error {
	last := "nothing was deleted; --yes does it"
	for _, key := range c.Keys {
		may, err := c.foresee(ctx, w, db, key)
		if err != nil {
			return err
		}
		if !may {
			last = "nothing was deleted"
		}
	}
	_, err := fmt.Fprintln(w.out, last)
	return err
}

// foresee says what would be deleted; false where the run may not be.
func (c runsDeleteCommand) foresee(ctx context.Context, w world, db *results.DB, key string) (bool, error) {
	rec, err := db.Load(ctx, key)
	if err != nil {
		return false, err
	}
	users, err := db.Ensembles(ctx, rec.ID)
	if err != nil {
		return false, err
	}
	if len(users) > 0 {
		fmt.Fprintf(w.out, "%s cannot be deleted while there is ensemble %s, which asks its nets\n", rec.ID, strings.Join(users, ", "))
		return false, nil
	}
	fmt.Fprintf(w.out, "would delete %s (%s, %d numbers, %d predictions)\n", rec.ID, rec.Status, len(rec.Scalars), len(rec.Predictions))
	for _, path := range c.files(rec.ID, rec.Artefacts) {
		if _, err := os.Stat(path); err == nil {
			fmt.Fprintln(w.out, "would delete", path)
		}
	}
	return true, nil
}

// files are what a run leaves outside the database: its folder, also where that is
// now another than --runs says, and its report.
func (c runsDeleteCommand) files(id string, artefacts []stage.Artefact) []string {
	paths := []string{filepath.Join(c.Runs, id), filepath.Join(c.Reports, id+".html")}
	for _, a := range artefacts {
		if folder := finished.FolderOf(id, a); folder != "" && !slices.Contains(paths, folder) {
			paths = append(paths, folder)
		}
	}
	return paths
}

func (c runsDeleteCommand) remove(w world, id string, artefacts []stage.Artefact) error {
	for _, path := range c.files(id, artefacts) {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	fmt.Fprintf(w.out, "deleted %s\n", id)
	return nil
}
