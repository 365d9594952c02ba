package results

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"time"
)

// Pace is how fast a phase of a run trained.
type Pace struct {
	Run, Name, Phase string // the run's id and name
	Device           string // as the run recorded it: "cuda:0 (NVIDIA H200)"
	Precision        string
	// Operations and Images are medians over the epochs of what was done in a second,
	// without the first epoch where there are others: it waits for the device.
	Operations, Images float64
	// Training is what all epochs of the run took, validation included, and Rest what
	// else a finished run took.
	Training, Rest time.Duration
}

// Paces gives those of the latest runs that measured them, the latest first; of each the
// phases in their order. operations is the name of the number that says how much was done
// in a second, in GFLOP/s.
func (db *DB) Paces(ctx context.Context, operations string, runs int) (list []Pace, err error) {
	err = db.snapshot(ctx, func(tx *sql.Tx) error {
		list, err = paces(ctx, tx, operations, runs)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("speed of earlier runs: %w", err)
	}
	return list, nil
}

func paces(ctx context.Context, tx *sql.Tx, operations string, limit int) (list []Pace, err error) {
	latest, err := summaries(ctx, tx, `WHERE number IN (SELECT run FROM metrics WHERE name = ?) ORDER BY number DESC LIMIT ?`, operations, limit)
	for _, r := range latest {
		of, err := pacesOf(ctx, tx, r, operations)
		if err != nil {
			return nil, err
		}
		list = append(list, of...)
	}
	return list, err
}

func pacesOf(ctx context.Context, tx *sql.Tx, r RunSummary, operations string) (list []Pace, err error) {
	device, err := factOf(ctx, tx, r.number, "device")
	if err != nil {
		return nil, err
	}
	precision, err := factOf(ctx, tx, r.number, "precision")
	if err != nil {
		return nil, err
	}
	all, err := scalars(ctx, tx, r.number, `AND unit IN ('s', 'images/s', 'GFLOP/s')`) // of hundreds of curves a few
	if err != nil {
		return nil, err
	}
	values := map[[2]string][]float64{} // by phase and name
	var phases []string
	training := 0.0
	for _, s := range all {
		switch {
		case s.Name == operations || s.Name == "images_per_second":
			if !slices.Contains(phases, s.Phase) {
				phases = append(phases, s.Phase)
			}
			values[[2]string{s.Phase, s.Name}] = append(values[[2]string{s.Phase, s.Name}], s.Value)
		case s.Name == "epoch_seconds", s.Name == "pretraining_seconds", s.Name == "seconds_by_part" && s.Series == "validation":
			training += s.Value
		}
	}
	p := Pace{Run: r.ID, Name: r.Name, Device: device, Precision: precision, Training: time.Duration(training * float64(time.Second))}
	if r.Status == Done {
		p.Rest = max(0, r.Duration()-p.Training)
	}
	for _, phase := range phases {
		p.Phase = phase
		p.Operations, p.Images = usual(values[[2]string{phase, operations}]), usual(values[[2]string{phase, "images_per_second"}])
		if p.Operations > 0 && p.Images > 0 {
			list = append(list, p)
		}
	}
	return list, nil
}

func factOf(ctx context.Context, tx *sql.Tx, run int64, name string) (value string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(value), '') FROM facts WHERE run = ? AND name = ?`, run, name).Scan(&value)
	return value, err
}

// usual is the median without the first, 0 of none.
func usual(values []float64) float64 {
	if len(values) > 1 {
		values = values[1:]
	}
	values = slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
