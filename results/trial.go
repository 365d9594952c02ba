package results

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// TrialState says how far a trial is.
type TrialState string

// The states of trials.
const (
	Queued       TrialState = "queued"
	TrialRunning TrialState = "running"
	Paused       TrialState = "paused"
	TrialDone    TrialState = "done"
	Stopped      TrialState = "stopped"
	TrialFailed  TrialState = "failed"
)

// Over says whether nothing more becomes of a trial.
func (s TrialState) Over() bool { return s == TrialDone || s == Stopped || s == TrialFailed }

// Where trials come from.
const (
	Baseline = "baseline" // the experiment as the file writes it
	Searched = "search"
	Added    = "added" // by a person
)

// Trial is one run of a trial of a sweep.
type Trial struct {
	Number, Replicate int
	Origin            string
	Settings          map[string]string // what is varied: path → YAML
	Sets              []string          // path=value, besides
	Note              string            // of the search
	Experiment        string            // resolved
	MaxEpochs         int
	State             TrialState
	Reason            string
	Attempt           int
	Epochs            int
	Value             float64 // NaN where there is none
	Run               string  // its id, or ""
	Checkpoint        string
	Device            string
	Lease, Heartbeat  time.Time
	Host              string
	PID               int // of its process, while it runs
	Seconds           float64
	FailureKind       string
	FailureMessage    string
	Log               string
	Created, Ended    time.Time

	// Values are those of the objective after each epoch, from the first on.
	Values []float64
	Spans  []Span
	// Gone says that the trial is said to run, and its process does not.
	Gone bool

	id int64
}

// Span is a time in which a trial computed.
type Span struct {
	Device       string
	Begun, Ended time.Time // Ended is zero where nobody saw it
	Startup      float64   // seconds
	First, Last  int       // epochs before and after
	Outcome      string

	id int64
}

// SweepEvent is something that happened to a sweep.
type SweepEvent struct {
	At          time.Time
	Trial       int // -1 where it is about all
	Level, Text string
}

func insertTrial(ctx context.Context, tx *sql.Tx, sweep int64, t *Trial) error {
	done, err := tx.ExecContext(ctx, `INSERT INTO trials (sweep, number, replicate, origin, settings, sets, note, experiment, max_epochs, state, reason, attempt,
		epochs, run, checkpoint, device, host, pid, process, seconds, failure_kind, failure_message, log, created)
		VALUES (?, ?, ?, ?, '{}', '[]', '', '', 0, ?, '', 0, 0, '', '', '', '', 0, '', 0, '', '', '', ?)`,
		sweep, t.Number, t.Replicate, t.Origin, Queued, stamp(t.Created))
	if err != nil {
		return err
	}
	if t.id, err = done.LastInsertId(); err != nil {
		return err
	}
	return updateTrial(ctx, tx, t)
}

// updateTrial writes all that changes.
func updateTrial(ctx context.Context, tx *sql.Tx, t *Trial) error {
	settings, err := json.Marshal(t.Settings)
	sets, second := json.Marshal(append([]string{}, t.Sets...))
	if err := errors.Join(err, second); err != nil {
		return err
	}
	process := ""
	if t.PID > 0 {
		process = processToken(t.PID)
	}
	_, err = tx.ExecContext(ctx, `UPDATE trials SET settings = ?, sets = ?, note = ?, experiment = ?, max_epochs = ?, state = ?, reason = ?, attempt = ?,
		epochs = ?, value = ?, run = ?, checkpoint = ?, device = ?, lease = ?, heartbeat = ?, host = ?, pid = ?, process = ?, seconds = ?,
		failure_kind = ?, failure_message = ?, log = ?, ended = ? WHERE id = ?`,
		string(settings), string(sets), t.Note, t.Experiment, t.MaxEpochs, t.State, t.Reason, t.Attempt,
		t.Epochs, valueOrNull(t.Value), t.Run, t.Checkpoint, t.Device, timeOrNull(t.Lease), timeOrNull(t.Heartbeat), t.Host, t.PID, process, t.Seconds,
		t.FailureKind, t.FailureMessage, t.Log, timeOrNull(t.Ended), t.id)
	return err
}

func valueOrNull(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

func loadTrials(ctx context.Context, tx *sql.Tx, sweep int64) ([]*Trial, error) {
	here, err := self()
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT id, number, replicate, origin, settings, sets, note, experiment, max_epochs, state, reason, attempt, epochs, value,
		run, checkpoint, device, coalesce(lease, ''), coalesce(heartbeat, ''), host, pid, process, seconds, failure_kind, failure_message, log,
		created, coalesce(ended, '') FROM trials WHERE sweep = ? ORDER BY number, replicate`, sweep)
	if err != nil {
		return nil, err
	}
	trials, err := collect(rows, func() (*Trial, error) {
		t := &Trial{}
		var settings, sets []byte
		var value sql.NullFloat64
		var lease, heartbeat, process, created, ended string
		err := rows.Scan(&t.id, &t.Number, &t.Replicate, &t.Origin, &settings, &sets, &t.Note, &t.Experiment, &t.MaxEpochs, &t.State, &t.Reason, &t.Attempt,
			&t.Epochs, &value, &t.Run, &t.Checkpoint, &t.Device, &lease, &heartbeat, &t.Host, &t.PID, &process, &t.Seconds, &t.FailureKind,
			&t.FailureMessage, &t.Log, &created, &ended)
		if err != nil {
			return nil, err
		}
		t.Value = orNaN(value)
		t.Gone = t.State == TrialRunning && (owner{host: t.Host, pid: t.PID, token: process}).gone(here)
		return t, errors.Join(json.Unmarshal(settings, &t.Settings), json.Unmarshal(sets, &t.Sets), parseTime(lease, &t.Lease),
			parseTime(heartbeat, &t.Heartbeat), parseTime(created, &t.Created), parseTime(ended, &t.Ended))
	})
	if err != nil {
		return nil, fmt.Errorf("trials: %w", err)
	}
	for _, t := range trials {
		if err := t.loadMore(ctx, tx); err != nil {
			return nil, fmt.Errorf("trial %d: %w", t.Number, err)
		}
	}
	return trials, nil
}

// loadMore reads values and spans.
func (t *Trial) loadMore(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT epoch, value FROM trial_values WHERE trial = ? ORDER BY epoch`, t.id)
	if err != nil {
		return err
	}
	if _, err := collect(rows, func() (struct{}, error) {
		var epoch int
		var value sql.NullFloat64
		err := rows.Scan(&epoch, &value)
		if err == nil && epoch == len(t.Values)+1 {
			t.Values = append(t.Values, orNaN(value))
		}
		return struct{}{}, err
	}); err != nil {
		return err
	}
	rows, err = tx.QueryContext(ctx, `SELECT id, device, begun, coalesce(ended, ''), startup, first, last, outcome FROM trial_spans WHERE trial = ? ORDER BY id`, t.id)
	if err != nil {
		return err
	}
	t.Spans, err = collect(rows, func() (s Span, err error) {
		var begun, ended string
		if err := rows.Scan(&s.id, &s.Device, &begun, &ended, &s.Startup, &s.First, &s.Last, &s.Outcome); err != nil {
			return s, err
		}
		return s, errors.Join(parseTime(begun, &s.Begun), parseTime(ended, &s.Ended))
	})
	return err
}
