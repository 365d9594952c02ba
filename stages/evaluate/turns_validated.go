package evaluate

import (
	"context"
	"fmt"
	"math"

	"vertebra/stages/stage"
)

// validated measures what folds that test in turn validate on. Each fold has its own numbers, with
// intervals; those of the split are their means. A case may validate in several folds, or in none:
// the folds' predictions are not taken together, as if each were of another case, and their mean has
// no interval. It is what a net's epochs, and settings, are chosen by, and so is too good; the test
// split is not. The guess without images is measured alike.
func (e evaluation) validated(ctx context.Context, classes []string, calibrator *FittedCalibrator) (out []stage.Record, err error) {
	if len(e.folds) == 0 {
		return nil, nil
	}
	var rows, guesses, calibrated []foldRow
	r := Result{}
	for _, f := range e.folds {
		row, err := e.oneFold(ctx, classes, f, &r)
		if err != nil {
			return nil, fmt.Errorf("fold %d: %w", f.number, err)
		}
		rows = append(rows, row)
		out = append(out, final(row.scalars, stage.FoldName(string(e.split), f.number))...)
		p, err := e.cfg.prepare(classes, f.items)
		if err != nil {
			return nil, err
		}
		sheets, err := baseline(e.cfg, e.cases, p)
		if err != nil {
			return nil, fmt.Errorf("fold %d: baseline: %w", f.number, err)
		}
		guesses = append(guesses, foldRow{scalars: guessed(e.cfg, sheets)})
		if calibrator == nil {
			continue
		}
		if p, err = e.cfg.prepare(classes, calibrator.calibrateAll(f.items)); err != nil {
			return nil, err
		}
		m, err := measure(numeric(e.cfg), p)
		if err != nil {
			return nil, err
		}
		calibrated = append(calibrated, foldRow{scalars: m.Scalars})
	}
	names := Names(e.cfg)
	r.Scalars = meansOf(names, rows)
	r.Tables = []stage.Table{foldTable(names, rows)}
	r.Tables[0].Note = "means over the folds: a case may validate in several of them. Epochs are chosen by these numbers, which are too good for that; those of the test split are not"
	out = append(out, r.records(e.split)...)
	out = append(out, final(meansOf(names, guesses), string(e.split)+" baseline")...)
	return append(out, final(meansOf(names, calibrated), string(e.split)+" calibrated")...), nil
}

// meansOf are the means over folds of the numbers that some fold has.
func meansOf(names []stage.Scalar, rows []foldRow) (out []stage.Scalar) {
	for _, s := range names {
		if mean, _ := meanAndDeviation(rows, s.Name); !math.IsNaN(mean) {
			s.Value = mean
			out = append(out, s)
		}
	}
	return out
}
