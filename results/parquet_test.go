package results

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// TestExportParquet reads every file back and holds it against the database, cell
// by cell.
func TestExportParquet(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	record(t, beginTest(t, db, "<b>x</b>"), everything()...)
	folder := filepath.Join(t.TempDir(), "out")
	files, err := db.ExportParquet(t.Context(), folder)
	if err != nil || len(files) != len(Tables) {
		t.Fatal(files, err)
	}
	cells := 0
	for i, table := range Tables {
		var want [][]string
		var names []string
		if err := db.Query(t.Context(), `SELECT * FROM `+table+` ORDER BY 1`, func(columns []string, values []any) error {
			names = slices.Clone(columns)
			var row []string
			for _, v := range values {
				row = append(row, said(v))
			}
			if values != nil {
				want = append(want, row)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		columns, got := readParquet(t, files[i])
		if len(want) > 0 && !slices.Equal(columns, names) || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got  %v %v\nwant %v %v", table, columns, got, names, want)
		}
		for _, row := range got {
			cells += len(row)
		}
	}
	if cells < 100 {
		t.Errorf("only %d cells were compared", cells)
	}
	if left, err := filepath.Glob(filepath.Join(folder, "*.part")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func said(v any) string {
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	return fmt.Sprintf("%T %v", v, v)
}

func readParquet(t *testing.T, path string) (names []string, rows [][]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range file.Schema().Columns() {
		names = append(names, strings.Join(path, "."))
	}
	for _, group := range file.RowGroups() {
		reader := group.Rows()
		buffer := make([]parquet.Row, 1)
		for {
			n, err := reader.ReadRows(buffer)
			for _, row := range buffer[:n] {
				var cells []string
				for _, v := range row {
					switch {
					case v.IsNull():
						cells = append(cells, said(nil))
					case v.Kind() == parquet.Int64:
						cells = append(cells, said(v.Int64()))
					case v.Kind() == parquet.Double:
						cells = append(cells, said(v.Double()))
					default:
						cells = append(cells, said(string(v.ByteArray())))
					}
				}
				rows = append(rows, cells)
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := reader.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return names, rows
}
