package main

import (
	"context"
	"fmt"
	"os"

	"vertebra/experiments"
	"vertebra/finished/methods"
	"vertebra/results"
	"vertebra/stages/stage"
)

// methodsCommand is runner methods.
type methodsCommand struct {
	ID  string `arg:"" name:"run" help:"Finished run of an experiment, or an ensemble: its name (the latest so called), its id, the beginning of one, or latest."`
	Out string `short:"o" help:"Markdown file to write; it must not be there yet. Standard output when absent or -." placeholder:"FILE" type:"path"`
	database
}

// Run writes what a run did and found as a paper says it.
func (c methodsCommand) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		record, err := db.Load(ctx, c.ID)
		if err != nil {
			return err
		}
		about := methods.About{Run: record}
		if about.Members, err = c.members(ctx, db, record); err != nil {
			return err
		}
		if about.Searches, err = searches(ctx, db, append(about.Members, record)...); err != nil {
			return err
		}
		if about.External, err = c.external(ctx, db, record.ID); err != nil {
			return err
		}
		text, err := about.Write()
		if err != nil {
			return fmt.Errorf("run %s: %w", record.ID, err)
		}
		return c.write(w, text)
	})
}

// write prints the text, or writes a file of it: never over one, in which authors may have written.
func (c methodsCommand) write(w world, text []byte) error {
	if c.Out == "" || c.Out == "-" {
		_, err := w.out.Write(text)
		return err
	}
	if _, err := os.Lstat(c.Out); err == nil {
		return stage.Fault{Err: fmt.Errorf("%s is there already", w.called(c.Out)), Hint: "name another file"}
	}
	if err := writeNew(c.Out, writeText(string(text))); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w.out, "wrote %s\n", w.called(c.Out))
	return err
}

// members loads the runs that an ensemble blends, in the order of its shares.
func (c methodsCommand) members(ctx context.Context, db *results.DB, record *results.RunRecord) (out []*results.RunRecord, err error) {
	e, err := experiments.StoredEnsemble(record.Experiment)
	if record.Fact(results.EnsembleFact) == "" || err != nil {
		return nil, nil
	}
	for _, id := range e.Ensemble.Runs {
		member, err := db.Load(ctx, id)
		if err != nil || member.ID != id {
			return nil, stage.Fault{Err: fmt.Errorf("ensemble %s asks run %s, which is not in this database", record.ID, id), Hint: "take a database that has all its members"}
		}
		out = append(out, member)
	}
	return out, nil
}

// external loads the finished validations of a run.
func (c methodsCommand) external(ctx context.Context, db *results.DB, id string) (out []*results.RunRecord, err error) {
	ids, err := db.Validations(ctx, id)
	for _, one := range ids {
		record, err := db.Load(ctx, one)
		if err != nil {
			return nil, err
		}
		if record.Status == results.Done {
			out = append(out, record)
		}
	}
	return out, err
}
