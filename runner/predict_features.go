package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/stages/stage"
)

// answers asks, and with --features writes what the last layers of the nets see of each image:
// a row for each image and net.
func (c predictCommand) answers(ctx context.Context, w world, console *console, run finished.Run) (p predict.Predictor, items []stage.Prediction, err error) {
	if c.Features == "" {
		return predict.Ask(ctx, c.env(w, onlyTroubles{console}), run, c.request())
	}
	if c.Features == c.Out {
		return p, nil, stage.Fault{Err: errors.New("--features needs a file of its own, beside that of the predictions"), Hint: "write --features FILE.csv, or FILE.parquet"}
	}
	if err := mayReplace(c.Features, c.Data, "case_id,", "sample,", parquetMagic); err != nil {
		return p, nil, err
	}
	ending := strings.ToLower(filepath.Ext(c.Features))
	if ending != ".csv" && ending != ".parquet" {
		return p, nil, stage.Fault{Err: fmt.Errorf("--features %s: the name of the file says how it is written, and ends with .csv or .parquet", w.called(c.Features)), Hint: "write --features FILE.csv, or FILE.parquet"}
	}
	rows := 0
	err = writeWhole(c.Features, func(out io.Writer) (err error) {
		table := &featureTable{out: out, parquet: ending == ".parquet"}
		asked := c.request()
		asked.Features = table
		p, items, err = predict.Ask(ctx, c.env(w, onlyTroubles{console}), run, asked)
		if rows = table.rows; err == nil {
			err = table.close()
		}
		return err
	})
	if err == nil {
		console.say("features of %d images, seen by %d of the run's nets, in %s", rows/len(p.Nets), len(p.Nets), w.called(c.Features))
	}
	return p, items, err
}
