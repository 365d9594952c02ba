package results

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// ExportParquet writes each of Tables to folder as a Parquet file: for DuckDB,
// Polars, pandas, R. Columns keep their names, order and types; every one may be
// null, which stands for NaN too. Files of one export are not of one moment while
// runs write: every file is.
func (db *DB) ExportParquet(ctx context.Context, folder string) (files []string, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	for _, table := range Tables {
		path := filepath.Join(folder, table+".parquet")
		if err := db.parquetTable(ctx, table, path); err != nil {
			return files, fmt.Errorf("export %s: %w", table, err)
		}
		files = append(files, path)
	}
	return files, nil
}

// rowsInGroup is after how many rows a group of rows is written, which bounds the
// memory.
const rowsInGroup = 50_000

// parquetTable puts the file in its place when it is whole.
func (db *DB) parquetTable(ctx context.Context, table, path string) (err error) {
	schema, err := db.parquetSchema(ctx, table)
	if err != nil {
		return err
	}
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	w := parquet.NewWriter(f, schema, parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(rowsInGroup))
	err = db.Query(ctx, `SELECT * FROM `+table+` ORDER BY 1`, func(_ []string, values []any) error {
		if values == nil {
			return nil
		}
		row, err := parquetRow(values)
		if err == nil {
			_, err = w.WriteRows([]parquet.Row{row})
		}
		return err
	})
	if err := errors.Join(err, w.Close(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".part"))
	}
	return os.Rename(path+".part", path)
}

// parquetTypes are SQLite's types as Go's.
var parquetTypes = map[string]reflect.Type{
	"INTEGER": reflect.TypeFor[int64](), "REAL": reflect.TypeFor[float64](), "TEXT": reflect.TypeFor[string](), "BLOB": reflect.TypeFor[[]byte](),
}

// parquetSchema takes names and types from the table. A struct keeps the order of
// columns, which parquet.Group would sort.
func (db *DB) parquetSchema(ctx context.Context, table string) (*parquet.Schema, error) {
	var fields []reflect.StructField
	err := db.Query(ctx, fmt.Sprintf(`SELECT name, type FROM pragma_table_info('%s') ORDER BY cid`, table), func(_ []string, values []any) error {
		if values == nil {
			return errors.New("there is no such table")
		}
		name, _ := values[0].(string)
		kind, _ := values[1].(string)
		t, known := parquetTypes[strings.ToUpper(kind)]
		if !known {
			return fmt.Errorf("column %s has the type %q", name, kind)
		}
		fields = append(fields, reflect.StructField{Name: fmt.Sprint("C", len(fields)), Type: t,
			Tag: reflect.StructTag(fmt.Sprintf(`parquet:"%s,optional"`, name))})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return parquet.NewSchema(table, parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface())), nil
}

// parquetRow makes a row of optional columns: definition level 1 says that a value
// is there.
func parquetRow(values []any) (parquet.Row, error) {
	row := make(parquet.Row, len(values))
	for i, v := range values {
		level := 1
		var value parquet.Value
		switch v := v.(type) {
		case nil:
			level = 0
		case int64:
			value = parquet.Int64Value(v)
		case float64:
			value = parquet.DoubleValue(v)
		case string:
			value = parquet.ByteArrayValue([]byte(v))
		case []byte:
			value = parquet.ByteArrayValue(append([]byte(nil), v...))
		default:
			return nil, fmt.Errorf("a value of type %T", v)
		}
		row[i] = value.Level(0, level, i)
	}
	return row, nil
}
