package results

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"vertebra/stages/stage"
)

// batch writes records of one run in one transaction. Statements are prepared
// once: that is what makes 50,000 predictions a matter of a second.
type batch struct {
	tx       *sql.Tx
	run      int64
	at       string
	prepared map[string]*sql.Stmt
	known    func(metric) (id int64, known bool) // metrics that are stored already
	fresh    map[metric]int64                    // metrics of this transaction
	before   int64                               // see Run
}

// insert stores records, and gives the metrics that are known once tx is committed.
func (r *Run) insert(ctx context.Context, tx *sql.Tx, records []stage.Record) (map[metric]int64, error) {
	b := &batch{tx: tx, run: r.number, at: stamp(r.now()), prepared: map[string]*sql.Stmt{}, known: r.metrics.find, fresh: map[metric]int64{}, before: r.before}
	for _, record := range records {
		if err := b.put(ctx, record); err != nil {
			return nil, fmt.Errorf("record %T in run %s: %w", record, r.id, err)
		}
	}
	return b.fresh, b.exec(ctx, `UPDATE runs SET seen = ? WHERE number = ?`, b.at, b.run)
}

func (b *batch) put(ctx context.Context, record stage.Record) error {
	switch v := record.(type) {
	case stage.Scalar:
		return b.scalar(ctx, v)
	case stage.Prediction:
		return b.prediction(ctx, v)
	case stage.Thumbnail:
		return b.thumbnail(ctx, v)
	case stage.PhaseRecord:
		return b.phase(ctx, v)
	case stage.Event:
		return b.exec(ctx, `INSERT INTO events (run, at, level, stage, text) SELECT ?1, ?2, ?3, ?4, ?5
			WHERE NOT EXISTS (SELECT 1 FROM events WHERE run = ?1 AND id <= ?6 AND level = ?3 AND stage = ?4 AND text = ?5)`,
			b.run, b.at, v.Level, v.Stage, v.Text, b.before)
	case stage.Artefact:
		return b.exec(ctx, `INSERT INTO artefacts (run, kind, path, bytes, sha256) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET kind = excluded.kind, bytes = excluded.bytes, sha256 = excluded.sha256`,
			b.run, v.Kind, v.Path, v.Bytes, v.SHA256)
	case stage.Fact:
		return b.exec(ctx, `INSERT INTO facts (run, name, value) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET value = excluded.value`, b.run, v.Name, v.Value)
	}
	return b.figure(ctx, record)
}

// stmt prepares a statement on first use. It is closed with the transaction.
func (b *batch) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := b.prepared[query]; s != nil {
		return s, nil
	}
	s, err := b.tx.PrepareContext(ctx, query)
	b.prepared[query] = s
	return s, err
}

func (b *batch) exec(ctx context.Context, query string, args ...any) error {
	s, err := b.stmt(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, args...)
	return err
}

func (b *batch) prediction(ctx context.Context, v stage.Prediction) error {
	tags, err := json.Marshal(v.Tags) // sorts the keys
	if err != nil {
		return err
	}
	return b.exec(ctx, `INSERT INTO predictions (run, case_id, case_group, split, phase, label, probabilities, tags)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET case_group = excluded.case_group, label = excluded.label,
			probabilities = excluded.probabilities, tags = excluded.tags`,
		b.run, v.CaseID, v.Group, string(v.Split), v.Phase, v.Label, appendList(v.Probabilities), string(tags))
}

func appendList(values []float64) string {
	b := []byte{'['}
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumber(b, v)
	}
	return string(append(b, ']'))
}

func (b *batch) phase(ctx context.Context, v stage.PhaseRecord) error {
	groups, err := json.Marshal(v.Groups)
	if err != nil {
		return err
	}
	return b.exec(ctx, `INSERT INTO phases (run, place, name, trainable, total, groups, first_epoch, last_epoch, best_epoch, ended)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET name = excluded.name, trainable = excluded.trainable, total = excluded.total,
			groups = excluded.groups, first_epoch = excluded.first_epoch, last_epoch = excluded.last_epoch,
			best_epoch = excluded.best_epoch, ended = excluded.ended`,
		b.run, v.Index, v.Name, v.Trainable, v.Total, string(groups), v.FirstEpoch, v.LastEpoch, v.BestEpoch, v.Ended)
}
