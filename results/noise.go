package results

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// Noise is how much one final number of an experiment differs from seed to seed.
type Noise struct {
	At         time.Time
	Name       string // of the experiment
	Data       string // fingerprint of the data
	Experiment string // hash of the resolved experiment without seed, name and purpose
	Series     string // "validation" or "test"
	Metric     string
	Mean       float64
	Deviation  float64 // standard deviation between seeds, divided by their number less one
	Low, High  float64 // the lowest and the highest
	Runs       []string
}

// StoreNoise keeps what was measured; it replaces what was known of the same
// numbers of the same experiment and data.
func (db *DB) StoreNoise(ctx context.Context, list []Noise) error {
	return db.change(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, n := range list {
			runs, err := json.Marshal(n.Runs)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO noise (at, name, data, experiment, series, metric, seeds, mean, deviation, lowest, highest, runs)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT DO UPDATE SET at = excluded.at, name = excluded.name, seeds = excluded.seeds, mean = excluded.mean,
					deviation = excluded.deviation, lowest = excluded.lowest, highest = excluded.highest, runs = excluded.runs`,
				stamp(n.At), n.Name, n.Data, n.Experiment, n.Series, n.Metric, len(n.Runs), n.Mean, n.Deviation, n.Low, n.High, string(runs))
			if err != nil {
				return fmt.Errorf("store noise of %s: %w", n.Name, err)
			}
		}
		return nil
	})
}

// NoiseOf gives what is known about a number on this data, the latest first.
func (db *DB) NoiseOf(ctx context.Context, data, series, metric string) (list []Noise, err error) {
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT at, name, data, experiment, series, metric, mean, deviation, lowest, highest, runs
			FROM noise WHERE data = ? AND series = ? AND metric = ? ORDER BY at DESC, id DESC`, data, series, metric)
		if err != nil {
			return err
		}
		list, err = collect(rows, func() (n Noise, err error) {
			var at string
			var runs []byte
			var mean, deviation, low, high sql.NullFloat64
			err = rows.Scan(&at, &n.Name, &n.Data, &n.Experiment, &n.Series, &n.Metric, &mean, &deviation, &low, &high, &runs)
			if err != nil {
				return n, err
			}
			n.Mean, n.Deviation, n.Low, n.High = orNaN(mean), orNaN(deviation), orNaN(low), orNaN(high)
			if err := json.Unmarshal(runs, &n.Runs); err != nil {
				return n, err
			}
			return n, parseTime(at, &n.At)
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("noise: %w", err)
	}
	return list, nil
}
