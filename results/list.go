package results

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"vertebra/stages/stage"
)

// RunSummary is one line of a list of runs.
type RunSummary struct {
	ID             string
	Name           string
	Purpose        string
	Status         Status
	Started        time.Time
	Seen           time.Time // when something was recorded last
	Ended          time.Time // zero while the run runs, and when it is lost
	FailureKind    string    // "", "error", "interrupted", "timeout", or the error's own
	FailureMessage string
	File           string // the experiment file
	Fingerprint    string
	Seed           uint64
	Host           string
	PID            int
	Note           string    // what a person wrote about it
	Tags           []string  // sorted
	Archived       time.Time // zero for a run that is listed
	// Finals are the numbers of the finished run (stage.Final).
	Finals []stage.Scalar
	// Watching is what training watched: the series and the name of a number.
	Watching struct{ Series, Name string }
	// Trial is the trial of a sweep that the run is.
	Trial TrialRef

	number int64
}

// Duration is how long the run took, or has taken when it was last seen. A run
// that was continued counts from its first start.
func (s RunSummary) Duration() time.Duration {
	if s.Ended.IsZero() {
		return s.Seen.Sub(s.Started)
	}
	return s.Ended.Sub(s.Started)
}

// Filter picks runs. Its zero value picks all.
type Filter struct {
	Name   string    // the exact name
	Status Status    // Lost and Running are told apart
	Since  time.Time // started at or after
	Limit  int       // the first so many; 0 for all
	// HideArchived leaves out runs that were put away.
	HideArchived bool
	// HideTrials leaves out the runs of sweeps.
	HideTrials bool
	// Where holds the conditions that a run must meet, all of them.
	Where []Condition
	// Sort is what conditions may ask for, such as f1; empty for the latest first.
	Sort string
	// Descending sorts the highest first.
	Descending bool
}

// Runs lists runs, the latest first unless it is told otherwise, with their final
// numbers.
func (db *DB) Runs(ctx context.Context, filter Filter) ([]RunSummary, error) {
	var list []RunSummary
	err := db.snapshot(ctx, func(tx *sql.Tx) error {
		all, err := summaries(ctx, tx, `WHERE (? = '' OR name = ?) AND started >= ? AND NOT (? AND archived IS NOT NULL)
			AND NOT (? AND `+ofTrial+`) AND (? = '' OR status = ?) ORDER BY number DESC`,
			filter.Name, filter.Name, since(filter.Since), filter.HideArchived, filter.HideTrials, filter.stored(), filter.stored())
		if err != nil {
			return err
		}
		list, err = filter.pick(ctx, tx, all)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	return list, nil
}

// stored is the status as it is stored: what runs and what is lost are told apart by the process.
func (f Filter) stored() Status {
	if f.Status == Lost {
		return Running
	}
	return f.Status
}

// pick filters, sorts and limits.
func (f Filter) pick(ctx context.Context, tx *sql.Tx, all []RunSummary) (list []RunSummary, err error) {
	asked := newQuestions(ctx, tx)
	for _, s := range all {
		if f.Status != "" && s.Status != f.Status {
			continue // not in SQL, which cannot tell lost from running
		}
		if f.Limit > 0 && len(list) == f.Limit && f.Sort == "" {
			break
		}
		if s.Finals, err = scalars(ctx, tx, s.number, `AND epoch = `+strconv.Itoa(stage.Final)); err != nil {
			return nil, err
		}
		met, err := asked.meets(s, f.Where)
		if err != nil {
			return nil, err
		}
		if met {
			list = append(list, s)
		}
	}
	if f.Sort != "" {
		if err := asked.sort(list, f.Sort, f.Descending); err != nil {
			return nil, err
		}
	}
	if f.Limit > 0 && len(list) > f.Limit {
		list = list[:f.Limit]
	}
	return list, asked.unknown(f.Where, f.Sort, len(list))
}

func since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}

// summaries reads runs; where is the rest of the query.
func summaries(ctx context.Context, tx *sql.Tx, where string, args ...any) ([]RunSummary, error) {
	here, err := selfIn(ctx, tx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT number, id, name, purpose, status, started, seen, unixepoch('now') - unixepoch(seen), coalesce(ended, ''),
		failure_kind, failure_message, experiment_file, fingerprint, seed, host, pid, process, note, coalesce(archived, ''),
		(SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE run = number ORDER BY tag)),
		substr(experiment, instr(experiment, char(10) || '  monitor: '), 200), `+trialOf+` FROM runs `+where, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, func() (s RunSummary, err error) {
		var started, seen, ended, seed, process, archived, monitor string
		var tags, trial []byte
		var silent int64
		err = rows.Scan(&s.number, &s.ID, &s.Name, &s.Purpose, &s.Status, &started, &seen, &silent, &ended,
			&s.FailureKind, &s.FailureMessage, &s.File, &s.Fingerprint, &seed, &s.Host, &s.PID, &process,
			&s.Note, &archived, &tags, &monitor, &trial)
		if err != nil {
			return s, err
		}
		writer := life{owner{host: s.Host, pid: s.PID, token: process}, runLife(s.number), time.Duration(silent) * time.Second, runSilence}
		if s.Status == Running && writer.gone(here) {
			s.Status = Lost
		}
		s.Watching.Series, s.Watching.Name = Monitored(monitor)
		if s.Seed, err = strconv.ParseUint(seed, 10, 64); err != nil {
			return s, fmt.Errorf("seed of run %s: %w", s.ID, err)
		}
		err = errors.Join(parseTime(started, &s.Started), parseTime(seen, &s.Seen), parseTime(ended, &s.Ended),
			parseTime(archived, &s.Archived), json.Unmarshal(tags, &s.Tags), json.Unmarshal(trial, &s.Trial))
		s.Trial.readStopper()
		return s, err
	})
}

// parseTime leaves the zero time for an empty text.
func parseTime(text string, into *time.Time) (err error) {
	if text != "" {
		*into, err = time.Parse(timeLayout, text)
	}
	return err
}

// collect reads all rows with scan, and closes them.
func collect[T any](rows *sql.Rows, scan func() (T, error)) ([]T, error) {
	defer rows.Close()
	var list []T
	for rows.Next() {
		item, err := scan()
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, rows.Err()
}

// scalars reads the numbers of a run in the order of recording; and is added to
// the condition.
func scalars(ctx context.Context, tx *sql.Tx, run int64, and string) ([]stage.Scalar, error) {
	rows, err := tx.QueryContext(ctx, `SELECT name, title, series, phase, epoch, step, value, unit, better, low, high, level, method
		FROM scalars WHERE run = ? `+and+` ORDER BY id`, run)
	if err != nil {
		return nil, err
	}
	return collect(rows, func() (s stage.Scalar, err error) {
		var value, low, high, level sql.NullFloat64
		var method sql.NullString
		err = rows.Scan(&s.Name, &s.Title, &s.Series, &s.Phase, &s.Epoch, &s.Step, &value, &s.Unit, &s.Better, &low, &high, &level, &method)
		s.Value = orNaN(value)
		if method.Valid {
			s.Interval = &stage.Interval{Low: orNaN(low), High: orNaN(high), Level: level.Float64, Method: method.String}
		}
		return s, err
	})
}

func orNaN(v sql.NullFloat64) float64 {
	if !v.Valid {
		return math.NaN()
	}
	return v.Float64
}
