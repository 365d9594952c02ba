package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"vertebra/stages/stage"
)

// Queue is the sweep that this process runs. It alone writes the sweep's trials;
// other processes add trials and leave wishes.
type Queue struct {
	ID string

	db     *DB
	now    func() time.Time
	number int64
}

// SweepRecord is a sweep with all that it left.
type SweepRecord struct {
	SweepSummary
	Trials []*Trial
	Events []SweepEvent
}

// LoadSweep gives the sweep that key means: its id, the beginning of it, or
// latest.
func (db *DB) LoadSweep(ctx context.Context, key string) (*SweepRecord, error) {
	rec := &SweepRecord{}
	err := db.snapshot(ctx, func(tx *sql.Tx) (err error) {
		if rec.SweepSummary, err = findSweep(ctx, tx, key); err != nil {
			return err
		}
		if rec.Trials, err = loadTrials(ctx, tx, rec.number); err != nil {
			return err
		}
		rec.Events, err = loadSweepEvents(ctx, tx, rec.number)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load sweep: %w", err)
	}
	return rec, nil
}

func loadSweepEvents(ctx context.Context, tx *sql.Tx, sweep int64) ([]SweepEvent, error) {
	rows, err := tx.QueryContext(ctx, `SELECT coalesce(trial, -1), at, level, text FROM sweep_events WHERE sweep = ? ORDER BY id`, sweep)
	if err != nil {
		return nil, err
	}
	return collect(rows, func() (e SweepEvent, err error) {
		var at string
		if err := rows.Scan(&e.Trial, &at, &e.Level, &e.Text); err != nil {
			return e, err
		}
		return e, parseTime(at, &e.At)
	})
}

// Poll renews the sweep's heartbeat, and gives what people want and which trials
// there are.
func (q *Queue) Poll(ctx context.Context) (wish Wish, trials int, err error) {
	err = q.db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE sweeps SET seen = ? WHERE number = ?`, stamp(q.now()), q.number); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT wish, (SELECT count(*) FROM trials WHERE sweep = sweeps.number) FROM sweeps WHERE number = ?`, q.number).Scan(&wish, &trials)
	})
	return wish, trials, err
}

// Trials gives all trials.
func (q *Queue) Trials(ctx context.Context) (list []*Trial, err error) {
	err = q.db.snapshot(ctx, func(tx *sql.Tx) error {
		list, err = loadTrials(ctx, tx, q.number)
		return err
	})
	return list, err
}

// Add puts a trial into the queue; one with a negative number gets the next.
func (q *Queue) Add(ctx context.Context, t *Trial) error {
	t.Created = q.now()
	return q.db.change(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		if t.Number < 0 {
			if t.Number, err = nextNumber(ctx, tx, q.number); err != nil {
				return err
			}
		}
		return insertTrial(ctx, tx, q.number, t)
	})
}

func nextNumber(ctx context.Context, tx *sql.Tx, sweep int64) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(number) + 1, 0) FROM trials WHERE sweep = ?`, sweep).Scan(&n)
	return n, err
}

// Store writes what became of trials, in one transaction. The values and spans
// that are new are written too.
func (q *Queue) Store(ctx context.Context, trials ...*Trial) error {
	return q.db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, t := range trials {
			if err := errors.Join(updateTrial(ctx, tx, t), storeValues(ctx, tx, t), storeSpans(ctx, tx, t)); err != nil {
				return fmt.Errorf("store trial %d: %w", t.Number, err)
			}
		}
		return nil
	})
}

func storeValues(ctx context.Context, tx *sql.Tx, t *Trial) error {
	var known int
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(epoch), 0) FROM trial_values WHERE trial = ?`, t.id).Scan(&known); err != nil {
		return err
	}
	if known > len(t.Values) { // begun anew
		if _, err := tx.ExecContext(ctx, `DELETE FROM trial_values WHERE trial = ?`, t.id); err != nil {
			return err
		}
		known = 0
	}
	for i := known; i < len(t.Values); i++ {
		if _, err := tx.ExecContext(ctx, `INSERT INTO trial_values (trial, epoch, value) VALUES (?, ?, ?)`, t.id, i+1, valueOrNull(t.Values[i])); err != nil {
			return err
		}
	}
	return nil
}

func storeSpans(ctx context.Context, tx *sql.Tx, t *Trial) error {
	for i := range t.Spans {
		s := &t.Spans[i]
		if s.id != 0 {
			if _, err := tx.ExecContext(ctx, `UPDATE trial_spans SET ended = ?, startup = ?, last = ?, outcome = ? WHERE id = ?`,
				timeOrNull(s.Ended), s.Startup, s.Last, s.Outcome, s.id); err != nil {
				return err
			}
			continue
		}
		done, err := tx.ExecContext(ctx, `INSERT INTO trial_spans (trial, device, begun, ended, startup, first, last, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			t.id, s.Device, stamp(s.Begun), timeOrNull(s.Ended), s.Startup, s.First, s.Last, s.Outcome)
		if err != nil {
			return err
		}
		if s.id, err = done.LastInsertId(); err != nil {
			return err
		}
	}
	return nil
}

// Event keeps what happened; trial is -1 where it is about all.
func (q *Queue) Event(ctx context.Context, trial int, level, text string) error {
	return q.db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var of any
		if trial >= 0 {
			of = trial
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sweep_events (sweep, trial, at, level, text) VALUES (?, ?, ?, ?, ?)`, q.number, of, stamp(q.now()), level, text)
		return err
	})
}

// Finish says that this process no longer runs the sweep, and why.
func (q *Queue) Finish(ctx context.Context, status SweepStatus, because string) error {
	defer q.db.lives.release(sweepLife(q.number))
	return q.db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sweeps SET status = ?, because = ?, seen = ?, ended = ? WHERE number = ?`,
			status, because, stamp(q.now()), stamp(q.now()), q.number)
		return err
	})
}

// TrialFact is the name of the fact that says which trial a run belongs to.
const TrialFact = "trial"

// TrialName is the value of that fact.
func TrialName(sweep string, number, replicate int) string {
	return fmt.Sprintf("%s/%d/%d", sweep, number, replicate)
}

// TrialRun finds what a trial left that nobody waited for: its latest run, the
// values of the objective after each epoch, and the final one (NaN for none). run
// is "" where there is none.
func (q *Queue) TrialRun(ctx context.Context, number, replicate int, objective string) (run RunSummary, values []float64, final float64, err error) {
	final = nan
	err = q.db.snapshot(ctx, func(tx *sql.Tx) error {
		found, err := summaries(ctx, tx, `WHERE number IN (SELECT run FROM facts WHERE name = ? AND value = ?) ORDER BY number DESC LIMIT 1`,
			TrialFact, TrialName(q.ID, number, replicate))
		if err != nil || len(found) == 0 {
			return err
		}
		run = found[0]
		values, final, err = objectiveOf(ctx, tx, run.number, objective)
		return err
	})
	return run, values, final, err
}

// RunStatus says how far a run is, by its whole id; "" where there is none.
func (db *DB) RunStatus(ctx context.Context, id string) (status Status, err error) {
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		found, err := summaries(ctx, tx, `WHERE id = ?`, id)
		if len(found) > 0 {
			status = found[0].Status
		}
		return err
	})
	return status, err
}

// objectiveOf reads the numbers of one objective, such as validation.loss.
func objectiveOf(ctx context.Context, tx *sql.Tx, run int64, objective string) (values []float64, final float64, err error) {
	final = nan
	all, err := scalars(ctx, tx, run, `AND series || '.' || name = '`+quoted(objective)+`'`)
	for _, s := range all {
		switch {
		case s.Epoch == stage.Final:
			final = s.Value
		case s.Epoch == len(values)+1:
			values = append(values, s.Value)
		case s.Epoch > 0 && s.Epoch <= len(values):
			values[s.Epoch-1] = s.Value
		}
	}
	return values, final, err
}

// Objective reads the numbers of one objective of a run, as TrialRun does.
func (db *DB) Objective(ctx context.Context, run, objective string) (values []float64, final float64, err error) {
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		found, err := find(ctx, tx, run)
		if err != nil {
			return err
		}
		values, final, err = objectiveOf(ctx, tx, found.number, objective)
		return err
	})
	return values, final, err
}

// DoneRun finds a finished run of a fingerprint; "" when there is none.
func (db *DB) DoneRun(ctx context.Context, fingerprint string) (id string, err error) {
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		found, err := summaries(ctx, tx, `WHERE fingerprint = ? AND status = 'done' ORDER BY number DESC LIMIT 1`, fingerprint)
		if len(found) > 0 {
			id = found[0].ID
		}
		return err
	})
	return id, err
}

var nan = math.NaN()

// quoted doubles the quotes of a text in SQL.
func quoted(text string) string { return strings.ReplaceAll(text, "'", "''") }
