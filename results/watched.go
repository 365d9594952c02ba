package results

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/stage"
)

// monitorLine is where a resolved experiment says what training watches.
var monitorLine = regexp.MustCompile(`(?m)^  monitor: (.+)$`)

// Monitored is the number that the training of a resolved experiment watched, such
// as validation and rsna_log_loss; the loss of validation where it says none.
func Monitored(experiment string) (series, name string) {
	if found := monitorLine.FindStringSubmatch(experiment); found != nil {
		var number string
		if err := yaml.Unmarshal([]byte(found[1]), &number); err == nil {
			if series, name, ok := strings.Cut(number, "."); ok {
				return series, name
			}
		}
	}
	return string(stage.Validation), "loss"
}

// WatchedFirst gives the run's final numbers in the order in which they were measured,
// but first what training watched.
func (s RunSummary) WatchedFirst() []stage.Scalar {
	watched := func(f stage.Scalar) int {
		if f.Name == s.Watching.Name {
			return 0
		}
		return 1
	}
	out := slices.Clone(s.Finals)
	slices.SortStableFunc(out, func(a, b stage.Scalar) int { return watched(a) - watched(b) })
	return out
}

// Watched is what the training of a run watched, over its epochs; of several folds
// their mean.
type Watched struct {
	Series, Name, Title string
	Better              stage.Direction
	Values              []float64
}

// Watched gives of runs, by id, what their training watched. Runs without an epoch are
// missing.
func (db *DB) Watched(ctx context.Context, runs []RunSummary) (map[string]Watched, error) {
	found := map[string]Watched{}
	err := db.snapshot(ctx, func(tx *sql.Tx) error {
		curve, err := tx.PrepareContext(ctx, `SELECT m.title, m.better, p.value FROM metrics m JOIN points p ON p.metric = m.id
			WHERE m.run = ? AND m.name = ? AND m.series = ? AND p.epoch > 0 ORDER BY p.epoch, p.step`)
		if err != nil {
			return err
		}
		defer curve.Close()
		folds, err := tx.PrepareContext(ctx, `SELECT m.title, m.better, avg(p.value) FROM metrics m JOIN points p ON p.metric = m.id
			WHERE m.run = ? AND m.name = ? AND m.series LIKE ? || ' fold %' AND p.epoch > 0 GROUP BY p.epoch ORDER BY p.epoch`)
		if err != nil {
			return err
		}
		defer folds.Close()
		for _, run := range runs {
			w := Watched{Series: run.Watching.Series, Name: run.Watching.Name}
			if err := w.read(ctx, curve, run.number); err != nil {
				return err
			}
			if len(w.Values) == 0 {
				if err := w.read(ctx, folds, run.number); err != nil {
					return err
				}
			}
			if len(w.Values) > 0 {
				found[run.ID] = w
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what runs watched: %w", err)
	}
	return found, nil
}

func (w *Watched) read(ctx context.Context, curve *sql.Stmt, run int64) error {
	rows, err := curve.QueryContext(ctx, run, w.Name, w.Series)
	if err != nil {
		return err
	}
	w.Values, err = collect(rows, func() (float64, error) {
		var v sql.NullFloat64
		err := rows.Scan(&w.Title, &w.Better, &v)
		return orNaN(v), err
	})
	return err
}
