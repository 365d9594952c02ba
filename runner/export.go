package main

import (
	"context"
	"errors"
	"fmt"

	"vertebra/results"
	"vertebra/stages/stage"
)

// exportCommand is runner export.
type exportCommand struct {
	Results     exportResults            `cmd:"" default:"withargs" help:"Write all results for other programs." example:"runner export --csv tables/"`
	Model       exportModelCommand       `cmd:"" help:"Write the nets of a finished run as one ONNX or TorchScript file, whose outputs are the probabilities that runner predict writes." example:"runner export model latest net.onnx"`
	Package     exportPackageCommand     `cmd:"" help:"Write the nets of a finished run, with all that predicting needs, as one file for others: no database, checkpoints or data are needed to use it." example:"runner export package latest model.zip"`
	Predictions exportPredictionsCommand `cmd:"" help:"Write what a finished run predicted of its validation and test cases as a CSV file; after a cross-validation, out-of-fold predictions." example:"runner export predictions latest oof.csv"`
}

// exportResults is runner export --csv DIR.
type exportResults struct {
	CSV         string `name:"csv" help:"Write each table as a CSV file into this folder." type:"path" placeholder:"DIR"`
	Parquet     string `name:"parquet" help:"Write each table as a Parquet file into this folder." type:"path" placeholder:"DIR"`
	TensorBoard string `name:"tensorboard" help:"Write the curves of all runs as event files of TensorBoard into this folder." type:"path" placeholder:"DIR"`
	MLflow      string `name:"mlflow" help:"Write settings, numbers and labels of all runs as a file store of MLflow into this folder." type:"path" placeholder:"DIR"`
	database
}

// Run exports in every form that was asked for.
func (c exportResults) Run(ctx context.Context, w world) error {
	if c.CSV+c.Parquet+c.TensorBoard+c.MLflow == "" {
		return stage.Fault{Err: errors.New("nothing says what to write"), Hint: "give --csv DIR, --parquet DIR, --tensorboard DIR or --mlflow DIR; runner export model RUN FILE writes the nets of a run"}
	}
	return c.use(ctx, func(db *results.DB) error {
		if err := exportTo(ctx, w, c.CSV, "tables", db.ExportCSV); err != nil {
			return err
		}
		if err := exportTo(ctx, w, c.Parquet, "tables", db.ExportParquet); err != nil {
			return err
		}
		if err := exportTo(ctx, w, c.TensorBoard, "event files", db.ExportTensorBoard); err != nil {
			return err
		}
		return exportTo(ctx, w, c.MLflow, "runs", db.ExportMLflow)
	})
}

func exportTo(ctx context.Context, w world, folder, of string, write func(context.Context, string) ([]string, error)) error {
	if folder == "" {
		return nil
	}
	files, err := write(ctx, folder)
	if err == nil {
		fmt.Fprintf(w.out, "wrote %d %s to %s\n", len(files), of, w.called(folder))
	}
	return err
}
