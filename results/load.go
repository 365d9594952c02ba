package results

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"vertebra/stages/stage"
)

// RunRecord is everything a run left behind, each list in the order of
// recording.
type RunRecord struct {
	RunSummary
	Experiment string // the resolved experiment, as YAML
	Phases     []stage.PhaseRecord
	Scalars    []stage.Scalar // those of the finished run too
	// Figures holds the Curves, Matrices, Tables, Bars and Galleries; Figures of
	// one shape are given by Shape.
	Figures []stage.Record
	// Predictions of equal tags share their map: it is only to be read.
	Predictions []stage.Prediction
	Events      []Event
	Artefacts   []stage.Artefact
	Facts       []stage.Fact
}

// Event is an event and when it was recorded.
type Event struct {
	stage.Event
	At time.Time
}

// Shape gives the figures of one shape: Shape[stage.Matrix](rec).
func Shape[T stage.Record](rec *RunRecord) []T {
	var list []T
	for _, f := range rec.Figures {
		if v, ok := f.(T); ok {
			list = append(list, v)
		}
	}
	return list
}

// OriginsFact is the name of the fact that holds the resolved experiment as YAML in
// which each value says where it comes from.
const OriginsFact = "experiment with origins"

// ParentFact is what a run keeps of the difference to its parent: the files may
// change after it.
const ParentFact = "differs from its parent"

// Fact gives the value of a fact, or "".
func (rec *RunRecord) Fact(name string) string {
	for _, f := range rec.Facts {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// Load gives the run that key means: its id, the beginning of its id with or
// without the date if that is unique, or "latest".
func (db *DB) Load(ctx context.Context, key string) (*RunRecord, error) {
	rec := &RunRecord{}
	err := db.snapshot(ctx, func(tx *sql.Tx) error {
		found, err := find(ctx, tx, key)
		if err != nil {
			return err
		}
		rec.RunSummary = found
		if err := rec.load(ctx, tx); err != nil {
			return fmt.Errorf("load run %s: %w", found.ID, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return rec, nil
}

// LoadFrom opens the results at path, which have to be there, for one Load.
func LoadFrom(ctx context.Context, path, key string) (rec *RunRecord, err error) {
	db, err := OpenExisting(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Load(ctx, key)
}

func (rec *RunRecord) load(ctx context.Context, tx *sql.Tx) error {
	err := tx.QueryRowContext(ctx, `SELECT experiment FROM runs WHERE number = ?`, rec.number).Scan(&rec.Experiment)
	if err != nil {
		return err
	}
	if rec.Scalars, err = scalars(ctx, tx, rec.number, ""); err != nil {
		return fmt.Errorf("scalars: %w", err)
	}
	for _, s := range rec.Scalars {
		if s.Epoch == stage.Final {
			rec.Finals = append(rec.Finals, s)
		}
	}
	parts := []struct {
		name string
		load func(context.Context, *sql.Tx) error
	}{
		{"phases", rec.loadPhases}, {"figures", rec.loadFigures}, {"predictions", rec.loadPredictions},
		{"events", rec.loadEvents}, {"artefacts", rec.loadArtefacts}, {"facts", rec.loadFacts},
	}
	for _, p := range parts {
		if err := p.load(ctx, tx); err != nil {
			return fmt.Errorf("%s of run %s: %w", p.name, rec.ID, err)
		}
	}
	if err := rec.among(); err != nil {
		return fmt.Errorf("classes of targets of run %s: %w", rec.ID, err)
	}
	return nil
}

// among tells the predictions which classes their targets have, where these differ.
func (rec *RunRecord) among() error {
	text := rec.Fact(stage.AmongFact)
	if text == "" {
		return nil
	}
	var targets []string
	var among [][]int
	if err := errors.Join(json.Unmarshal([]byte(rec.Fact(stage.TargetsFact)), &targets), json.Unmarshal([]byte(text), &among)); err != nil {
		return err
	}
	of := map[string][]int{}
	for i, target := range targets[:min(len(targets), len(among))] {
		of[target] = among[i]
	}
	for i, p := range rec.Predictions {
		rec.Predictions[i].Among = of[p.Tags[stage.TargetTag]]
	}
	return nil
}

func (rec *RunRecord) loadPhases(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT place, name, trainable, total, groups, first_epoch, last_epoch, best_epoch, ended
		FROM phases WHERE run = ? ORDER BY place`, rec.number)
	if err != nil {
		return err
	}
	rec.Phases, err = collect(rows, func() (p stage.PhaseRecord, err error) {
		var groups []byte
		err = rows.Scan(&p.Index, &p.Name, &p.Trainable, &p.Total, &groups, &p.FirstEpoch, &p.LastEpoch, &p.BestEpoch, &p.Ended)
		if err != nil {
			return p, err
		}
		err = json.Unmarshal(groups, &p.Groups)
		return p, err
	})
	return err
}

func (rec *RunRecord) loadPredictions(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT case_id, case_group, split, phase, label, probabilities, tags
		FROM predictions WHERE run = ? ORDER BY id`, rec.number)
	if err != nil {
		return err
	}
	texts := texts{}
	shared := map[string]map[string]string{} // few cases have tags of their own
	rec.Predictions, err = collect(rows, func() (p stage.Prediction, err error) {
		var group, split, phase, probabilities, tags sql.RawBytes
		if err = rows.Scan(&p.CaseID, &group, &split, &phase, &p.Label, &probabilities, &tags); err != nil {
			return p, err
		}
		p.Group, p.Split, p.Phase = texts.of(group), stage.Split(texts.of(split)), texts.of(phase)
		if p.Probabilities, err = readList(probabilities); err != nil {
			return p, fmt.Errorf("case %s: %w", p.CaseID, err)
		}
		known, ok := shared[string(tags)]
		if !ok {
			if err := json.Unmarshal(tags, &known); err != nil {
				return p, fmt.Errorf("case %s: %w", p.CaseID, err)
			}
			shared[string(tags)] = known
		}
		p.Tags = known
		return p, nil
	})
	return err
}

// texts keeps one copy of equal texts.
type texts map[string]string

func (t texts) of(raw []byte) string {
	if text, ok := t[string(raw)]; ok { // no copy is made to look it up
		return text
	}
	text := string(raw)
	t[text] = text
	return text
}

// readList reads a JSON list of numbers as appendList writes it: 50,000 of them are
// read for each run of a comparison. What is no plain number is left to JSON.
func readList(list []byte) ([]float64, error) {
	if n := len(list); n > 2 && list[0] == '[' && list[n-1] == ']' {
		values := make([]float64, 0, 4)
		for part := range bytes.SplitSeq(list[1:n-1], []byte{','}) {
			v, err := strconv.ParseFloat(string(part), 64)
			if err != nil {
				break
			}
			values = append(values, v)
		}
		if len(values) == bytes.Count(list, []byte{','})+1 {
			return values, nil
		}
	}
	var values []number
	err := json.Unmarshal(list, &values)
	return floats(values), err
}

func (rec *RunRecord) loadEvents(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT at, level, stage, text FROM events WHERE run = ? ORDER BY id`, rec.number)
	if err != nil {
		return err
	}
	rec.Events, err = collect(rows, func() (e Event, err error) {
		var at string
		if err = rows.Scan(&at, &e.Level, &e.Stage, &e.Text); err != nil {
			return e, err
		}
		err = parseTime(at, &e.At)
		return e, err
	})
	return err
}

func (rec *RunRecord) loadArtefacts(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT kind, path, bytes, sha256 FROM artefacts WHERE run = ? ORDER BY id`, rec.number)
	if err != nil {
		return err
	}
	rec.Artefacts, err = collect(rows, func() (a stage.Artefact, err error) {
		err = rows.Scan(&a.Kind, &a.Path, &a.Bytes, &a.SHA256)
		return a, err
	})
	return err
}

func (rec *RunRecord) loadFacts(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT name, value FROM facts WHERE run = ? ORDER BY id`, rec.number)
	if err != nil {
		return err
	}
	rec.Facts, err = collect(rows, func() (f stage.Fact, err error) {
		err = rows.Scan(&f.Name, &f.Value)
		return f, err
	})
	return err
}
