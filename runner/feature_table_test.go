package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// TestFeatureTable: Parquet holds what CSV does, to the bit.
func TestFeatureTable(t *testing.T) {
	t.Parallel()
	want := [][]float32{{0.1, -3e-30, 16777217}, {math.MaxFloat32, 0, float32(math.Copysign(0, -1))}, {1.0 / 3, 2, math.SmallestNonzeroFloat32}}
	var files [2]strings.Builder
	for i := range files {
		table := &featureTable{out: &files[i], parquet: i == 1, first: "case_id", folds: true}
		for n, row := range want {
			if err := table.Row(fmt.Sprint("Fall, ", n), n+1, row); err != nil {
				t.Fatal(err)
			}
		}
		if err := table.close(); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := csv.NewReader(strings.NewReader(files[0].String())).ReadAll()
	if err != nil || fmt.Sprint(lines[0]) != "[case_id fold f0 f1 f2]" {
		t.Fatal(lines, err)
	}
	reader := parquet.NewReader(strings.NewReader(files[1].String()))
	defer reader.Close()
	if got := fmt.Sprint(reader.Schema().Columns()); got != "[[case_id] [fold] [f0] [f1] [f2]]" {
		t.Errorf("columns %s", got)
	}
	rows := make([]parquet.Row, len(want)+1)
	if n, err := reader.ReadRows(rows); n != len(want) || err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(n, err)
	}
	for n, line := range lines[1:] {
		row := rows[n]
		if line[0] != string(row[0].ByteArray()) || line[1] != fmt.Sprint(row[1].Int32()) {
			t.Errorf("%q beside %v", line, row)
		}
		for i, v := range want[n] {
			text, err := strconv.ParseFloat(line[2+i], 32)
			if got := row[2+i].Float(); err != nil || math.Float32bits(got) != math.Float32bits(v) || math.Float32bits(float32(text)) != math.Float32bits(v) {
				t.Errorf("%q and %g, want %g", line[2+i], got, v)
			}
		}
	}
}

func TestFeatureTableOfOddRows(t *testing.T) {
	t.Parallel()
	table := &featureTable{out: io.Discard, first: "case_id"}
	if err := table.close(); err == nil {
		t.Error("a table without rows")
	}
	if err := errors.Join(table.Row("a", 0, []float32{1, 2}), table.Row("b", 0, []float32{1})); err == nil {
		t.Error("rows of several lengths")
	}
}
