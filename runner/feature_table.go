package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"

	"github.com/parquet-go/parquet-go"
)

// featureTable writes rows of features as CSV or Parquet: whose they are, the fold of the
// net where there are several, and a column for each feature, f0 to f511.
type featureTable struct {
	out     io.Writer
	parquet bool
	first   string // the name of the first column
	folds   bool   // there is a column fold
	rows    int

	width  int
	csv    *csv.Writer
	groups *parquet.Writer
}

// parquetMagic is what Parquet files begin with.
const parquetMagic = "PAR1"

// Begin names the first column, and says whether there is one for the fold.
func (t *featureTable) Begin(first string, folds bool) { t.first, t.folds = first, folds }

// Row writes one row; the first one decides how many features there are.
func (t *featureTable) Row(name string, fold int, features_F []float32) (err error) {
	if t.rows == 0 {
		t.width = len(features_F)
		if err := t.begin(); err != nil {
			return err
		}
	}
	if len(features_F) != t.width {
		return fmt.Errorf("%s has %d features, others have %d", name, len(features_F), t.width)
	}
	t.rows++
	if t.parquet {
		_, err = t.groups.WriteRows([]parquet.Row{t.parquetRow(name, fold, features_F)})
		return err
	}
	cells := []string{name}
	if t.folds {
		cells = append(cells, strconv.Itoa(fold))
	}
	for _, v := range features_F {
		cells = append(cells, strconv.FormatFloat(float64(v), 'g', -1, 32))
	}
	return t.csv.Write(cells)
}

func (t *featureTable) begin() error {
	names := []string{t.first}
	if t.folds {
		names = append(names, "fold")
	}
	for i := range t.width {
		names = append(names, fmt.Sprint("f", i))
	}
	if !t.parquet {
		t.csv = csv.NewWriter(bufio.NewWriterSize(t.out, 1<<20))
		return t.csv.Write(names)
	}
	// A struct keeps the order of columns, which parquet.Group would sort.
	var fields []reflect.StructField
	for i, name := range names {
		kind := reflect.TypeFor[float32]()
		switch {
		case i == 0:
			kind = reflect.TypeFor[string]()
		case name == "fold":
			kind = reflect.TypeFor[int32]()
		}
		fields = append(fields, reflect.StructField{Name: fmt.Sprint("C", i), Type: kind, Tag: reflect.StructTag(fmt.Sprintf(`parquet:"%s"`, name))})
	}
	schema := parquet.NewSchema("features", parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface()))
	t.groups = parquet.NewWriter(t.out, schema, parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(10_000))
	return nil
}

func (t *featureTable) parquetRow(name string, fold int, features_F []float32) (row parquet.Row) {
	row = append(row, parquet.ByteArrayValue([]byte(name)).Level(0, 0, 0))
	if t.folds {
		row = append(row, parquet.Int32Value(int32(fold)).Level(0, 0, 1))
	}
	for _, v := range features_F {
		row = append(row, parquet.FloatValue(v).Level(0, 0, len(row)))
	}
	return row
}

// close writes what is left. Without a row there is no file to speak of.
func (t *featureTable) close() error {
	switch {
	case t.rows == 0:
		return errors.New("there are no features")
	case t.parquet:
		return t.groups.Close()
	}
	t.csv.Flush()
	return t.csv.Error()
}
