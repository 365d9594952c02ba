package table

import (
	"os"
	"testing"
)

// TestWorkbook: the first sheet of a workbook is a table, whose lines are its rows.
func TestWorkbook(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../xlsx/testdata/xlsxwriter.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(data)
	if err != nil || len(got.Rows) != 4 {
		t.Fatalf("got %d rows, %v", len(got.Rows), err)
	}
	for i, want := range []struct {
		line                             int
		accession, patient, befund, size string
	}{{2, "A20230001", "00123", "kein Befund", "0.1"}, {3, "A20230002", "456", "Läsion", "12"}, {5, "A20230003", "", "Läsion", "1234567890123"}, {6, "", "", "", "2"}} {
		r := got.Rows[i]
		if r.Cell("AccessionNumber") != want.accession || r.Cell("PatientID") != want.patient || r.Cell("Befund") != want.befund || r.Cell("Größe (mm)") != want.size {
			t.Errorf("row %d: got %q", i, r.cells)
		}
		if r.Line != want.line {
			t.Errorf("row %d: got line %d, want %d", i, r.Line, want.line)
		}
	}
	if got.Rows[0].Cell("note") != `says "no", twice and again` || got.Rows[1].Cell("malignant") != "FALSE" {
		t.Errorf("got %q", got.Rows[0].cells)
	}
}
