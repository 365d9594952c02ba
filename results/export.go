package results

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Tables lists the tables that hold results and the view scalars, as an export
// writes them. Bodies of figures are JSON.
var Tables = []string{"runs", "phases", "scalars", "figures", "pictures", "predictions", "events", "artefacts", "facts", "tags", "images", "thumbnails", "noise", "sweeps", "trials", "trial_values", "trial_spans", "sweep_events"}

// ExportCSV writes each of Tables to folder as a CSV file with a line of names.
// NULL, which stands for NaN too, is an empty cell; bytes are hexadecimal. Files
// of one export are not of one moment while runs write: every file is.
func (db *DB) ExportCSV(ctx context.Context, folder string) (files []string, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	for _, table := range Tables {
		path := filepath.Join(folder, table+".csv")
		if err := db.exportTable(ctx, table, path); err != nil {
			return files, fmt.Errorf("export %s: %w", table, err)
		}
		files = append(files, path)
	}
	return files, nil
}

// exportTable puts the file in its place when it is whole.
func (db *DB) exportTable(ctx context.Context, table, path string) error {
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	w, begun := csv.NewWriter(f), false
	err = db.Query(ctx, `SELECT * FROM `+table+` ORDER BY 1`, func(columns []string, values []any) error {
		if !begun {
			begun = true
			if err := w.Write(columns); err != nil {
				return err
			}
		}
		if values == nil {
			return nil
		}
		return w.Write(csvCells(values))
	})
	w.Flush()
	if err := errors.Join(err, w.Error(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".part"))
	}
	return os.Rename(path+".part", path)
}

func csvCells(values []any) []string {
	cells := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case nil:
		case []byte:
			cells[i] = fmt.Sprintf("%x", v)
		case float64:
			cells[i] = strconv.FormatFloat(v, 'g', -1, 64)
		default:
			cells[i] = fmt.Sprint(v)
		}
	}
	return cells
}
