package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"vertebra/stages/stage"
)

// SweepStatus says how far a sweep is.
type SweepStatus string

// The statuses. SweepLost is never stored: a reader sees it when a sweep is said
// to be running but its process is gone.
const (
	SweepRunning SweepStatus = "running"
	SweepPaused  SweepStatus = "paused"
	SweepStopped SweepStatus = "stopped"
	SweepDone    SweepStatus = "done"
	SweepLost    SweepStatus = "lost"
)

// Wish is what people ask of a sweep while it runs.
type Wish string

// The wishes.
const (
	WishRun   Wish = "run"
	WishPause Wish = "pause"
	WishStop  Wish = "stop"
)

// SweepInfo is what is known of a sweep when it begins.
type SweepInfo struct {
	Name, Purpose, File string
	Experiment          string // resolved, with its section sweep
	Objective           string
	Better              stage.Direction
	Deadline            time.Time // zero for none
}

// SweepSummary is a sweep without its trials.
type SweepSummary struct {
	SweepInfo
	ID      string
	Wish    Wish
	Status  SweepStatus
	Because string
	Started time.Time
	Seen    time.Time
	Ended   time.Time
	Host    string
	PID     int

	number int64
}

// StateWords is what a trial's state is called: who waits in a sweep that is done waits
// for nothing, it was ended early.
func (s SweepSummary) StateWords(state TrialState) string {
	if state == Paused && s.Status == SweepDone {
		return "ended early"
	}
	return string(state)
}

// BeginSweep stores a new sweep and gives its queue.
func (db *DB) BeginSweep(ctx context.Context, info SweepInfo, now func() time.Time) (*Queue, error) {
	here, err := self()
	if err != nil {
		return nil, err
	}
	q := &Queue{db: db, now: now}
	err = db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		at := now()
		if q.ID, err = freeSweepID(ctx, tx, at, info.Name); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `INSERT INTO sweeps (id, name, purpose, file, experiment, objective, better, wish, status,
			started, seen, deadline, host, pid, process) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			q.ID, info.Name, info.Purpose, info.File, info.Experiment, info.Objective, string(info.Better), WishRun, SweepRunning,
			stamp(at), stamp(at), timeOrNull(info.Deadline), here.host, here.pid, here.token)
		if err != nil {
			return err
		}
		if q.number, err = done.LastInsertId(); err != nil {
			return err
		}
		token, err := db.lives.hold(sweepLife(q.number), here)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE sweeps SET process = ? WHERE number = ?`, token, q.number)
		return err
	})
	if err != nil {
		db.lives.release(sweepLife(q.number))
		return nil, fmt.Errorf("begin sweep %s: %w", info.Name, err)
	}
	return q, nil
}

// TakeSweep goes on with a sweep whose process is gone, or that was paused or is
// done. What is new in info (the experiment, limits, the deadline) replaces what
// was known. A sweep that a process runs is refused.
func (db *DB) TakeSweep(ctx context.Context, id string, info SweepInfo, now func() time.Time) (*Queue, error) {
	here, err := self()
	if err != nil {
		return nil, err
	}
	q := &Queue{db: db, now: now}
	err = db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		was, err := findSweep(ctx, tx, id)
		if err != nil {
			return err
		}
		if was.Status == SweepRunning {
			return fault("look at it with: runner sweep status "+was.ID, "sweep %s is being run already, by process %d on %s", was.ID, was.PID, was.Host)
		}
		q.ID, q.number = was.ID, was.number
		if here.token, err = db.lives.hold(sweepLife(q.number), here); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE sweeps SET file = ?, purpose = ?, experiment = ?, wish = ?, status = ?, because = '', seen = ?, ended = NULL,
			deadline = ?, host = ?, pid = ?, process = ? WHERE number = ?`,
			info.File, info.Purpose, info.Experiment, WishRun, SweepRunning, stamp(now()), timeOrNull(info.Deadline), here.host, here.pid, here.token, was.number)
		return err
	})
	if err != nil {
		db.lives.release(sweepLife(q.number))
		return nil, fmt.Errorf("go on with sweep: %w", err)
	}
	return q, nil
}

func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

func freeSweepID(ctx context.Context, tx *sql.Tx, at time.Time, name string) (string, error) {
	base := at.Format(time.DateOnly) + "-" + slug(name)
	id := base
	for n := 2; ; n++ {
		var taken bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sweeps WHERE id = ?)`, id).Scan(&taken)
		if err != nil || !taken {
			return id, err
		}
		id = fmt.Sprintf("%s-%d", base, n)
	}
}

// Sweeps lists the sweeps of a name, or all, the latest first.
func (db *DB) Sweeps(ctx context.Context, name string) (list []SweepSummary, err error) {
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		list, err = sweepSummaries(ctx, tx, `WHERE ? IN ('', name) ORDER BY number DESC`, name)
		return err
	})
	return list, err
}

// findSweep finds a sweep by its id, the beginning of it with or without the
// date, or the word latest.
func findSweep(ctx context.Context, tx *sql.Tx, key string) (SweepSummary, error) {
	where, args := `WHERE id = ?1 OR name = ?1 OR substr(id, 1, length(?1)) = ?1 OR substr(id, 12, length(?1)) = ?1
		ORDER BY id = ?1 DESC, name = ?1 DESC, number DESC`, []any{key}
	if key == Latest {
		where, args = `ORDER BY number DESC LIMIT 1`, nil
	}
	found, err := sweepSummaries(ctx, tx, where, args...)
	switch {
	case err != nil:
		return SweepSummary{}, err
	case len(found) == 0 || key == "":
		return SweepSummary{}, fault("runner sweep status lists them", "there is no sweep %q", key)
	}
	for _, s := range found {
		if found[0].ID != key && found[0].Name != key && s.Name != found[0].Name {
			return SweepSummary{}, fault("write more of it: "+found[0].ID+", "+s.ID, "%q may be any of %d sweeps", key, len(found))
		}
	}
	return found[0], nil // of equal names the latest
}

func sweepSummaries(ctx context.Context, tx *sql.Tx, where string, args ...any) ([]SweepSummary, error) {
	here, err := selfIn(ctx, tx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT number, id, name, purpose, file, experiment, objective, better, wish, status, because,
		started, seen, unixepoch('now') - unixepoch(seen), coalesce(ended, ''), coalesce(deadline, ''), host, pid, process FROM sweeps `+where, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, func() (s SweepSummary, err error) {
		var started, seen, ended, deadline, process string
		var silent int64
		err = rows.Scan(&s.number, &s.ID, &s.Name, &s.Purpose, &s.File, &s.Experiment, &s.Objective, &s.Better, &s.Wish, &s.Status, &s.Because,
			&started, &seen, &silent, &ended, &deadline, &s.Host, &s.PID, &process)
		if err != nil {
			return s, err
		}
		writer := life{owner{host: s.Host, pid: s.PID, token: process}, sweepLife(s.number), time.Duration(silent) * time.Second, sweepSilence}
		if s.Status == SweepRunning && writer.gone(here) {
			s.Status = SweepLost
		}
		return s, errors.Join(parseTime(started, &s.Started), parseTime(seen, &s.Seen), parseTime(ended, &s.Ended), parseTime(deadline, &s.Deadline))
	})
}

// AskSweep tells the process that runs a sweep what people want.
func (db *DB) AskSweep(ctx context.Context, key string, wish Wish) (SweepSummary, error) {
	var s SweepSummary
	err := db.change(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		if s, err = findSweep(ctx, tx, key); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE sweeps SET wish = ? WHERE number = ?`, wish, s.number)
		return err
	})
	return s, err
}

// AddTrial puts a trial with these settings (path=value) into the queue of a
// sweep, and gives its number.
func (db *DB) AddTrial(ctx context.Context, key string, sets []string, now time.Time) (number int, s SweepSummary, err error) {
	err = db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if s, err = findSweep(ctx, tx, key); err != nil {
			return err
		}
		if number, err = nextNumber(ctx, tx, s.number); err != nil {
			return err
		}
		t := Trial{Number: number, Origin: Added, Settings: map[string]string{}, Sets: sets, State: Queued, Value: nan, Created: now}
		return insertTrial(ctx, tx, s.number, &t)
	})
	return number, s, err
}
