package audit

import (
	"os"
	"testing"
)

// TestWorkbook: the first sheet of a workbook is a table, whose lines are its rows.
func TestWorkbook(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../internal/xlsx/testdata/xlsxwriter.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseTable(data)
	if err != nil || len(got.rows) != 4 {
		t.Fatalf("got %d rows, %v", len(got.rows), err)
	}
	for i, want := range []struct {
		line                             int
		accession, patient, befund, size string
	}{{2, "A20230001", "00123", "kein Befund", "0.1"}, {3, "A20230002", "456", "Läsion", "12"}, {5, "A20230003", "", "Läsion", "1234567890123"}, {6, "", "", "", "2"}} {
		r := got.rows[i]
		if r.cell("AccessionNumber") != want.accession || r.cell("PatientID") != want.patient || r.cell("Befund") != want.befund || r.cell("Größe (mm)") != want.size {
			t.Errorf("row %d: got %q", i, r.cells)
		}
		if r.line != want.line {
			t.Errorf("row %d: got line %d, want %d", i, r.line, want.line)
		}
	}
	if got.rows[0].cell("note") != `says "no", twice and again` || got.rows[1].cell("malignant") != "FALSE" {
		t.Errorf("got %q", got.rows[0].cells)
	}
}
