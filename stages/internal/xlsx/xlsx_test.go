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

// book is a workbook of one sheet.
func book(t testing.TB, sheet string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" r:id="x"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="x" Target="/xl/s.xml"/></Relationships>`,
		"xl/s.xml":                   sheet,
	} {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRefusesLies: what a sheet claims is held against what may be.
func TestRefusesLies(t *testing.T) {
	t.Parallel()
	for sheet, want := range map[string]string{
		`<x><row r="2000000"><c r="A1"><v>1</v></c></row></x>`:       "row 2000000 is out of place",
		`<x><row r="2"/><row r="1"/></x>`:                            "row 1 is out of place",
		`<x><row><c r="XFE1"><v>1</v></c></row></x>`:                 "cell XFE1 is out of place",
		`<x><row><c r="ZZZZZZZZZZZZZZZZZZZ1"><v>1</v></c></row></x>`: "is out of place",
		`<x><row><c r="B1"/><c r="A1"/></row></x>`:                   "cell A1 is out of place",
		`<x><row><c r="7"><v>1</v></c></row></x>`:                    "cell 7 is out of place",
		`<x><row><c t="s"><v>0</v></c></row></x>`:                    `there is no string "0"`,
		`<x><row><c t="s"><v>-1</v></c></row></x>`:                   `there is no string "-1"`,
		`<x><row>`: "xl/s.xml",
	} {
		if _, err := Rows(book(t, sheet)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", sheet, err, want)
		}
	}
	rows, err := Rows(book(t, `<x><row><c t="inlineStr"><is><t>a</t></is></c><c t="str"><v>b</v></c><c><v>1E3</v></c></row></x>`))
	if err != nil || len(rows) != 1 || !slices.Equal(rows[0], []string{"a", "b", "1000"}) {
		t.Errorf("got %q, %v", rows, err)
	}
	if Is([]byte("PK\x03\x04\x00")) || Is([]byte("a,b\n")) {
		t.Error("what is no workbook is taken for one")
	}
	data := book(t, `<x><row/></x>`)
	for n := range data { // a file may end anywhere
		_, _ = Rows(data[:n])
	}
}

// FuzzRows wants an error or rows, and no panic.
func FuzzRows(f *testing.F) {
	f.Add(`<x><row r="1"><c r="A1" t="b"><v>1</v></c><c t="e"/></row></x>`)
	f.Fuzz(func(t *testing.T, sheet string) { _, _ = Rows(book(t, sheet)) })
}
