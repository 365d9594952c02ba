package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"vertebra/results"
)

// queryCommand is runner query.
type queryCommand struct {
	SQL    string `arg:"" help:"One SQL statement that reads, such as: SELECT id, status FROM runs. docs/database.md lists tables and columns."`
	Format string `help:"How rows are written: table, csv or json (one object a line)." enum:"table,csv,json" default:"table"`
	database
}

// Run writes rows as they come.
func (c queryCommand) Run(ctx context.Context, w world) (err error) {
	out := bufio.NewWriter(w.out)
	rows := rowWriters[c.Format](out)
	err = c.use(ctx, func(db *results.DB) error { return db.Query(ctx, c.SQL, rows.row) })
	if err == nil {
		err = rows.end()
	}
	return errors.Join(err, out.Flush())
}

// rowWriter writes the rows of a query. A row of nil values means that there is
// none.
type rowWriter interface {
	row(columns []string, values []any) error
	end() error
}

var rowWriters = map[string]func(io.Writer) rowWriter{
	"table": func(w io.Writer) rowWriter { return &tableRows{t: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)} },
	"csv":   func(w io.Writer) rowWriter { return &csvRows{w: csv.NewWriter(w)} },
	"json":  func(w io.Writer) rowWriter { return jsonRows{w} },
}

type tableRows struct {
	t     *tabwriter.Writer
	begun bool
}

func (r *tableRows) row(columns []string, values []any) error {
	if !r.begun {
		r.begun = true
		fmt.Fprintln(r.t, strings.Join(columns, "\t"))
	}
	if values == nil {
		return nil
	}
	cells := make([]string, len(values))
	for i, v := range values {
		cells[i] = oneLine.Replace(valueText(v))
	}
	_, err := fmt.Fprintln(r.t, strings.Join(cells, "\t"))
	return err
}

func (r *tableRows) end() error { return r.t.Flush() }

// oneLine keeps a cell in its place.
var oneLine = strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`, "\x1b", `\e`)

type csvRows struct {
	w     *csv.Writer
	begun bool
}

func (r *csvRows) row(columns []string, values []any) error {
	if !r.begun {
		r.begun = true
		if err := r.w.Write(columns); err != nil {
			return err
		}
	}
	if values == nil {
		return nil
	}
	cells := make([]string, len(values))
	for i, v := range values {
		cells[i] = valueText(v)
	}
	return r.w.Write(cells)
}

func (r *csvRows) end() error {
	r.w.Flush()
	return r.w.Error()
}

// valueText is a value as text; NULL is empty, and bytes say only how many.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []byte:
		return fmt.Sprintf("(%d bytes)", len(v))
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// jsonRows writes one object a line, with the columns in their order.
type jsonRows struct{ w io.Writer }

func (r jsonRows) row(columns []string, values []any) error {
	if values == nil {
		return nil
	}
	line := []byte{'{'}
	for i, v := range values {
		if f, ok := v.(float64); ok && (math.IsInf(f, 0) || math.IsNaN(f)) {
			v = valueText(v) // JSON has no infinite numbers
		}
		name, err := json.Marshal(columns[i])
		if err != nil {
			return err
		}
		value, err := json.Marshal(v) // bytes are base64
		if err != nil {
			return err
		}
		if i > 0 {
			line = append(line, ',')
		}
		line = append(append(append(line, name...), ':'), value...)
	}
	_, err := r.w.Write(append(line, '}', '\n'))
	return err
}

func (r jsonRows) end() error { return nil }

// backupCommand is runner backup.
type backupCommand struct {
	File string `arg:"" help:"The copy; a file that is there is not replaced." type:"path"`
	database
}

// Run copies the database, also while runs write to it.
func (c backupCommand) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		if err := db.Backup(ctx, c.File); err != nil {
			return err
		}
		fmt.Fprintln(w.out, "backup", c.File)
		return nil
	})
}
