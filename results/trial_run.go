package results

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
)

// TrialRef says which trial of a sweep a run is, and how far that is. Its zero value
// is for a run of no sweep.
type TrialRef struct {
	Sweep             string // id
	Number, Replicate int
	State             TrialState
	Reason            string      // why the trial waits, or ended early
	SweepStatus       SweepStatus // as it is stored
	Stopper           string      // the rule of early stopping, such as asha; "" for none
}

// ofTrial picks the runs that sweeps made. A trial that found the finished run of a
// person, and took its numbers, does not make it one of the sweep.
const ofTrial = `number IN (SELECT run FROM facts WHERE name = '` + TrialFact + `')`

// trialOf gives the trial of a run as a JSON object, {} without one: what TrialName
// wrote, taken apart so that the index of trials finds it.
const trialOf = `coalesce((SELECT json_object('Sweep', s.id, 'Number', t.number, 'Replicate', t.replicate, 'State', t.state,
	'Reason', t.reason, 'SweepStatus', s.status, 'Stopper', substr(s.experiment, instr(s.experiment, char(10) || 'sweep:')))
	FROM facts f JOIN sweeps s ON s.id = substr(f.value, 1, instr(f.value, '/') - 1)
	JOIN trials t ON t.sweep = s.number AND t.number = CAST(substr(f.value, length(s.id) + 2) AS INTEGER)
		AND f.value = s.id || '/' || t.number || '/' || t.replicate
	WHERE f.run = runs.number AND f.name = '` + TrialFact + `'), '{}')`

// stopperLine is where a resolved section sweep says how trials end early.
var stopperLine = regexp.MustCompile(`(?m)^  stop:\s+\{?(\w+)`)

// Words name the trial: "trial 3 of 2026-11-24-demo", and which run of it.
func (t TrialRef) Words() string {
	number := fmt.Sprint(t.Number)
	if t.Replicate > 0 {
		number += fmt.Sprintf(".%d", t.Replicate)
	}
	return "trial " + number + " of sweep " + t.Sweep
}

// readStopper replaces the section by the rule's name.
func (t *TrialRef) readStopper() {
	section := t.Stopper
	t.Stopper = ""
	if found := stopperLine.FindStringSubmatch(section); found != nil && found[1] != "none" {
		t.Stopper = found[1]
	}
}

// early says how the sweep ended a trial before its last epoch; "" where it did not.
// Who waits in a sweep that is done waits for nothing.
func (t TrialRef) early() string {
	atRung := strings.HasPrefix(t.Reason, "waits at the rung") || strings.HasPrefix(t.Reason, "stopped by")
	switch {
	case t.State == Stopped || t.State == Paused && t.SweepStatus == SweepDone:
		if atRung && t.Stopper != "" {
			return "stopped early by " + t.Stopper
		}
		return "ended early"
	case t.State == Paused:
		return "waits in its sweep"
	}
	return ""
}

// Because is why a trial waits, or was ended early: at a rung of a sweep that is done it
// waits for nothing.
func (t TrialRef) Because() string {
	if at, waits := strings.CutPrefix(t.Reason, "waits at "); waits && t.SweepStatus == SweepDone {
		return "at " + at
	}
	return t.Reason
}

// StatusWords is what a run's status is called: a trial that its sweep ended early, or
// lets wait, was not interrupted.
func (s RunSummary) StatusWords() string {
	if words := s.Trial.early(); words != "" && s.Status == Interrupted {
		return words
	}
	return string(s.Status)
}

// TrialRuns counts the runs of sweeps.
func (db *DB) TrialRuns(ctx context.Context) (n int, err error) {
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT count(*) FROM runs WHERE `+ofTrial).Scan(&n)
	})
	return n, err
}
