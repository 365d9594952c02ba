package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRowsLikeOpenpyxl holds workbooks of two writers against what openpyxl reads of them.
func TestRowsLikeOpenpyxl(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/want.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][][]string
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	for name, rows := range want {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if !Is(data) {
			t.Errorf("%s is no workbook", name)
		}
		got, err := Rows(data)
		if err != nil || len(got) != len(rows) {
			t.Errorf("%s: got %d rows, %v; want %d", name, len(got), err, len(rows))
			continue
		}
		for i, row := range rows {
			for len(got[i]) < len(row) {
				got[i] = append(got[i], "")
			}
			if !slices.Equal(got[i], row) {
				t.Errorf("%s, row %d: got %q, want %q", name, i+1, got[i], row)
			}
		}
	}
}

// book is the workbook of openpyxl with other rows in its sheets.
func book(t testing.TB, rows string) []byte {
	t.Helper()
	from, err := zip.OpenReader("testdata/openpyxl.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	var b bytes.Buffer
	to := zip.NewWriter(&b)
	for _, f := range from.File {
		if !strings.HasPrefix(f.Name, "xl/worksheets/") {
			if err := to.Copy(f); err != nil {
				t.Fatal(err)
			}
			continue
		}
		w, err := to.Create(f.Name)
		if err == nil {
			_, err = w.Write([]byte(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRefusesLies: what a sheet claims is held against what may be.
func TestRefusesLies(t *testing.T) {
	t.Parallel()
	for rows, want := range map[string]string{
		`<row r="2000000"><c r="A1"><v>1</v></c></row>`:       "row number exceeds maximum limit",
		`<row><c r="XFE1"><v>1</v></c></row>`:                 "the column number must be",
		`<row><c r="ZZZZZZZZZZZZZZZZZZZ1"><v>1</v></c></row>`: "the column number must be",
		`<row><c r="7"><v>1</v></c></row>`:                    `invalid cell name "7"`,
	} {
		if _, err := Rows(book(t, rows)); err == nil || !strings.Contains(err.Error(), "the workbook is broken: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", rows, err, want)
		}
	}
	rows, err := Rows(book(t, `<row><c t="inlineStr"><is><t>a</t></is></c><c t="str"><v>1E3</v></c><c><v>1E3</v></c><c t="b"><v>1</v></c><c><v>1</v></c><c t="e"><v>#N/A</v></c><c t="inlineStr"><is><t>#1</t></is></c></row>`))
	if want := []string{"a", "1E3", "1000", "TRUE", "1", "", "#1"}; err != nil || len(rows) != 1 || !slices.Equal(rows[0], want) {
		t.Errorf("got %q, %v; want %q", rows, err, want)
	}
	if Is([]byte("PK\x03\x04\x00")) || Is([]byte("a,b\n")) {
		t.Error("what is no workbook is taken for one")
	}
	var other bytes.Buffer
	z := zip.NewWriter(&other)
	if _, err := z.Create("images/1.png"); err != nil || z.Close() != nil || Is(other.Bytes()) {
		t.Error("another zip file is taken for a workbook")
	}
	data := book(t, `<row/>`)
	for n := 0; n < len(data); n += 7 { // a file may end anywhere
		if _, err := Rows(data[:n]); err == nil {
			t.Errorf("of %d bytes %d were enough", len(data), n)
		}
	}
}

// FuzzRows wants an error or rows, and no panic.
func FuzzRows(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="b"><v>1</v></c><c t="e"/></row>`)
	f.Fuzz(func(t *testing.T, sheet string) { _, _ = Rows(book(t, sheet)) })
}
