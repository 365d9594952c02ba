package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"vertebra/stages/stage"
)

// Status says how far a run is.
type Status string

// The statuses. Lost is never stored: it is what a reader sees when a run is
// said to be running but its process is gone.
const (
	Running     Status = "running"
	Done        Status = "done"
	Failed      Status = "failed"
	Interrupted Status = "interrupted"
	Lost        Status = "lost"
)

// RunInfo is what is known of a run when it begins.
type RunInfo struct {
	// ID is what the run is to be called; "" lets the day and its name decide.
	ID string
	// Taken says that something of another run is called by an id already, such as
	// a folder of checkpoints; nil when there is nothing besides the database.
	Taken      func(id string) bool
	Name       string
	Purpose    string
	File       string // the experiment file
	Experiment string // the resolved experiment, as YAML
	// Fingerprint names the experiment and its data; two runs of one
	// fingerprint should give the same numbers.
	Fingerprint string
	Seed        uint64
	Facts       []stage.Fact // libtorch version, device, driver, threads…
	Now         func() time.Time
}

// Run is a run that is being recorded. It is a stage.Recorder.
type Run struct {
	db     *DB
	number int64
	id     string
	now    func() time.Time
	before int64 // the last event from before the run was resumed; 0 for a new one

	metrics metrics
}

var _ stage.Recorder = (*Run)(nil)

// timeLayout has a fixed width, so that times sort as text.
const timeLayout = "2006-01-02T15:04:05.000000Z"

func stamp(t time.Time) string { return t.UTC().Format(timeLayout) }

// Begin stores a new run as running and gives its recorder.
func (db *DB) Begin(ctx context.Context, info RunInfo) (*Run, error) {
	if info.Now == nil {
		return nil, errors.New("begin run: RunInfo has no clock")
	}
	here, err := self()
	if err != nil {
		return nil, fmt.Errorf("begin run: %w", err)
	}
	r := &Run{db: db, now: info.Now}
	err = db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		at := info.Now()
		if r.id = info.ID; r.id == "" {
			if r.id, err = freeID(ctx, tx, at, info); err != nil {
				return fmt.Errorf("begin run: %w", err)
			}
		}
		done, err := tx.ExecContext(ctx, `INSERT INTO runs (id, name, purpose, status, started, seen, experiment_file,
			experiment, fingerprint, seed, host, pid, process) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			r.id, info.Name, info.Purpose, Running, stamp(at), stamp(at), info.File, info.Experiment,
			info.Fingerprint, fmt.Sprint(info.Seed), here.host, here.pid, here.token)
		if err != nil {
			return fmt.Errorf("begin run %s: %w", r.id, err)
		}
		if r.number, err = done.LastInsertId(); err != nil {
			return fmt.Errorf("begin run %s: %w", r.id, err)
		}
		token, err := db.lives.hold(runLife(r.number), here)
		if err != nil {
			return fmt.Errorf("begin run %s: %w", r.id, err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE runs SET process = ? WHERE number = ?`, token, r.number); err != nil {
			return fmt.Errorf("begin run %s: %w", r.id, err)
		}
		_, err = r.insert(ctx, tx, asRecords(info.Facts))
		return err
	})
	if err != nil {
		db.lives.release(runLife(r.number))
		return nil, err
	}
	return r, nil
}

// Resume opens a run again that was interrupted, failed or lost, under the same
// id. What is recorded a second time replaces what was there, so the epochs
// after the last checkpoint leave no double rows. A run whose process lives is
// refused.
func (db *DB) Resume(ctx context.Context, id string, info RunInfo) (*Run, error) {
	if info.Now == nil {
		return nil, errors.New("resume run: RunInfo has no clock")
	}
	here, err := self()
	if err != nil {
		return nil, fmt.Errorf("resume run: %w", err)
	}
	r := &Run{db: db, now: info.Now}
	err = db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		was, err := find(ctx, tx, id)
		if err != nil {
			return err
		}
		if was.Status == Running {
			return fault("wait for it, or stop it first",
				"run %s is still running (process %d on %s)", was.ID, was.PID, was.Host)
		}
		r.id, r.number = was.ID, was.number
		if here.token, err = db.lives.hold(runLife(r.number), here); err != nil {
			return fault("wait for it, or stop it first", "run %s: %w", r.id, err)
		}
		_, err = tx.ExecContext(ctx, `UPDATE runs SET status = ?, seen = ?, ended = NULL, failure_kind = '',
			failure_message = '', host = ?, pid = ?, process = ? WHERE number = ?`,
			Running, stamp(info.Now()), here.host, here.pid, here.token, r.number)
		if err != nil {
			return fmt.Errorf("resume run %s: %w", r.id, err)
		}
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM events WHERE run = ?`, r.number).Scan(&r.before); err != nil {
			return fmt.Errorf("resume run %s: %w", r.id, err)
		}
		_, err = r.insert(ctx, tx, asRecords(info.Facts))
		return err
	})
	if err != nil {
		db.lives.release(runLife(r.number))
		return nil, err
	}
	return r, nil
}

func asRecords(facts []stage.Fact) []stage.Record {
	var records []stage.Record
	for _, f := range facts {
		records = append(records, f)
	}
	return records
}

// ID is the readable name of the run, unique in the file.
func (r *Run) ID() string { return r.id }

// Progress does nothing: progress is shown, not kept.
func (r *Run) Progress(stage.Progress) {}

// Record keeps the records in one transaction. When it returns nil they are on
// the disk. Recording a thing again replaces it: a scalar of the same name,
// series, phase, epoch and step; a figure of the same shape, section, name and
// title; a prediction for the same case, split and phase; a phase of the same
// index; an artefact of the same path; a fact of the same name. Events add up,
// but what was told before the run was resumed is not told again.
func (r *Run) Record(ctx context.Context, records ...stage.Record) error {
	if len(records) == 0 {
		return nil
	}
	var fresh map[metric]int64
	err := r.db.change(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		fresh, err = r.insert(ctx, tx, records)
		return err
	})
	if err == nil { // what was rolled back has no id
		r.metrics.add(fresh)
	}
	return err
}

// Finish says how the run ended: Done, Failed or Interrupted, with the error
// that ended it. It works after ctx was cancelled.
func (r *Run) Finish(ctx context.Context, status Status, cause error) error {
	if status != Done && status != Failed && status != Interrupted {
		return fmt.Errorf("finish run %s: a run cannot end as %q", r.id, status)
	}
	kind, message := failure(cause)
	defer r.db.lives.release(runLife(r.number))
	return r.db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		at := stamp(r.now())
		done, err := tx.ExecContext(ctx, `UPDATE runs SET status = ?, seen = ?, ended = ?, failure_kind = ?, failure_message = ?
			WHERE number = ? AND status = ?`, status, at, at, kind, message, r.number, Running)
		if err != nil {
			return fmt.Errorf("finish run %s: %w", r.id, err)
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return errors.Join(fmt.Errorf("finish run %s: it has already ended", r.id), err)
		}
		return nil
	})
}

// failure gives the kind and text of an error. An error chooses its own kind
// with a method Kind() string: "out of memory", "not finite".
func failure(err error) (kind, message string) {
	switch own := stage.KindOf(err); {
	case err == nil:
		return "", ""
	case own != "":
		kind = own
	case errors.Is(err, context.Canceled):
		kind = "interrupted"
	case errors.Is(err, context.DeadlineExceeded):
		kind = "timeout"
	default:
		kind = "error"
	}
	return kind, err.Error()
}
