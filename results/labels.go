package results

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"vertebra/stages/stage"
)

// Tag adds and removes tags of the run that key means, and gives its id. Adding
// what is there, or removing what is not, changes nothing.
func (db *DB) Tag(ctx context.Context, key string, add, remove []string) (id string, err error) {
	for _, tag := range add {
		if tag == "" || strings.TrimSpace(tag) != tag || strings.ContainsAny(tag, ",\n\t") {
			return "", fault("take one word or several, such as baseline", "%q is no tag", tag)
		}
	}
	return db.edit(ctx, key, func(ctx context.Context, tx *sql.Tx, run int64) error {
		for _, tag := range add {
			if _, err := tx.ExecContext(ctx, `INSERT INTO tags (run, tag) VALUES (?, ?) ON CONFLICT DO NOTHING`, run, tag); err != nil {
				return err
			}
		}
		for _, tag := range remove {
			if _, err := tx.ExecContext(ctx, `DELETE FROM tags WHERE run = ? AND tag = ?`, run, tag); err != nil {
				return err
			}
		}
		return nil
	})
}

// Note replaces the note of a run; an empty text removes it.
func (db *DB) Note(ctx context.Context, key, text string) (id string, err error) {
	return db.edit(ctx, key, func(ctx context.Context, tx *sql.Tx, run int64) error {
		_, err := tx.ExecContext(ctx, `UPDATE runs SET note = ? WHERE number = ?`, text, run)
		return err
	})
}

// Archive puts a run away from lists at that time, or with the zero time back
// into them. Nothing of it is deleted.
func (db *DB) Archive(ctx context.Context, key string, at time.Time) (id string, err error) {
	var archived any // NULL
	if !at.IsZero() {
		archived = stamp(at)
	}
	return db.edit(ctx, key, func(ctx context.Context, tx *sql.Tx, run int64) error {
		_, err := tx.ExecContext(ctx, `UPDATE runs SET archived = ? WHERE number = ?`, archived, run)
		return err
	})
}

func (db *DB) edit(ctx context.Context, key string, f func(context.Context, *sql.Tx, int64) error) (id string, err error) {
	err = db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		run, err := find(ctx, tx, key)
		if err != nil {
			return err
		}
		id = run.ID
		return f(ctx, tx, run.number)
	})
	return id, err
}

// EnsembleFact is the name of the fact that lists the runs that an ensemble asks, in
// JSON, by their ids.
const EnsembleFact = "ensemble of"

// ValidationFact is the name of the fact that names the run whose nets a validation on other data
// asked.
const ValidationFact = "validation of"

// Delete removes a run with all that was recorded of it. A living run is refused, and so
// is one that an ensemble asks.
// Before, and while no other process can open the run again, it calls files, which
// removes the run's files; if that fails the run stays, so that it can be tried
// again.
func (db *DB) Delete(ctx context.Context, key string, files func(RunSummary, []stage.Artefact) error) error {
	return db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		run, err := find(ctx, tx, key)
		if err != nil {
			return err
		}
		if run.Status == Running {
			return fault("wait for it, or stop it first", "run %s is still running (process %d on %s)", run.ID, run.PID, run.Host)
		}
		if err := ofRunningSweep(ctx, tx, run.ID); err != nil {
			return err
		}
		if err := ofEnsemble(ctx, tx, run.ID); err != nil {
			return err
		}
		rec := RunRecord{RunSummary: run}
		if err := rec.loadArtefacts(ctx, tx); err != nil {
			return err
		}
		if err := files(run, rec.Artefacts); err != nil {
			return fmt.Errorf("delete run %s: %w", run.ID, err)
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM runs WHERE number = ?`, run.number) // the rest goes by ON DELETE CASCADE
		return err
	})
}

// ofRunningSweep refuses the run of a trial whose sweep is being run: it would go on
// from what is deleted.
func ofRunningSweep(ctx context.Context, tx *sql.Tx, id string) error {
	rows, err := tx.QueryContext(ctx, `SELECT t.number, s.id, s.host, s.pid, s.process FROM trials t JOIN sweeps s ON s.number = t.sweep
		WHERE t.run = ? AND s.status = ?`, id, SweepRunning)
	if err != nil {
		return err
	}
	type found struct {
		trial int
		sweep string
		owner
	}
	all, err := collect(rows, func() (f found, err error) {
		return f, rows.Scan(&f.trial, &f.sweep, &f.host, &f.pid, &f.token)
	})
	if err != nil {
		return err
	}
	here, err := self()
	if err != nil {
		return err
	}
	for _, f := range all {
		if !f.gone(here) {
			return fault("stop it first: runner sweep stop "+f.sweep, "run %s is trial %d of sweep %s, which is being run", id, f.trial, f.sweep)
		}
	}
	return nil
}

// ofEnsemble refuses a member of ensembles: they could predict no more without its
// weights.
func ofEnsemble(ctx context.Context, tx *sql.Tx, id string) error {
	users, err := ensembles(ctx, tx, id)
	if err == nil && len(users) > 0 {
		err = fault("delete the ensemble first: runner runs delete "+strings.Join(users, " ")+" --yes", "run %s is a member of ensemble %s, which asks its nets", id, strings.Join(users, ", "))
	}
	return err
}

// Ensembles names the ensembles that ask a run, by its whole id, the oldest first.
func (db *DB) Ensembles(ctx context.Context, id string) (users []string, err error) {
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		users, err = ensembles(ctx, tx, id)
		return err
	})
	return users, err
}

func ensembles(ctx context.Context, tx *sql.Tx, id string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT r.id FROM facts f JOIN runs r ON r.number = f.run
		WHERE f.name = ? AND EXISTS (SELECT 1 FROM json_each(f.value) WHERE value = ?) ORDER BY r.number`, EnsembleFact, id)
	if err != nil {
		return nil, err
	}
	return collect(rows, func() (user string, err error) { return user, rows.Scan(&user) })
}

// Validations names the runs that asked a run's nets about other data, by its whole id, the oldest first.
func (db *DB) Validations(ctx context.Context, id string) (ids []string, err error) {
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT r.id FROM facts f JOIN runs r ON r.number = f.run
			WHERE f.name = ? AND f.value = ? ORDER BY r.number`, ValidationFact, id)
		if err != nil {
			return err
		}
		ids, err = collect(rows, func() (id string, err error) { return id, rows.Scan(&id) })
		return err
	})
	return ids, err
}

// Labels are what people wrote about the run, each on one line: its tags as #tag,
// that it is archived, and its note.
func (s RunSummary) Labels() []string {
	var out []string
	for _, tag := range s.Tags {
		out = append(out, "#"+tag)
	}
	if !s.Archived.IsZero() {
		out = append(out, "(archived)")
	}
	if s.Note != "" {
		out = append(out, strings.Join(strings.Fields(s.Note), " "))
	}
	return out
}
