package table

import (
	"slices"
	"strings"
	"testing"
)

// TestTableText: tables come from spreadsheets of several countries.
func TestTableText(t *testing.T) {
	t.Parallel()
	utf16 := func(text string) string {
		out := "\xff\xfe"
		for _, c := range text {
			out += string([]byte{byte(c), byte(c >> 8)})
		}
		return out
	}
	for _, text := range []string{"image|label\na.png|1\n", "sep=;\r\nimage;label\r\na.png;1\r\n", "image,label\ra.png,1\r", "image;label;a, b\na.png;1;2\n",
		"image, label\n\"a.png\", \"1\"\n", utf16("image\tlabel\r\na.png\t1\r\n"), "image\tempty\tlabel\na.png\t\t1\n", "image;label\r\na.png;1\r\n", "image\tlabel\na.png\t1\n", "\xef\xbb\xbfimage,label\na.png,1\n"} {
		if got, err := Parse([]byte(text)); err != nil || len(got.Rows) != 1 || got.Rows[0].Cell("image") != "a.png" || got.Rows[0].Cell("label") != "1" {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	breaks, err := Parse([]byte("\"the\nimage\",label\n\n a.png ,\"mild\r\n  case\"\nb.png,1\n"))
	if err != nil || !slices.Equal(breaks.Columns, []string{"the image", "label"}) || breaks.Rows[0].Cell("label") != "mild case" || breaks.Rows[0].Line != 4 || breaks.Rows[1].Line != 6 {
		t.Errorf("line ends in cells: got %+v, %v", breaks, err)
	}
	for text, want := range map[string]string{
		"image,label\na,1\nb,schw\xe4r\n": "line 3 is no UTF-8 text; save the file as CSV UTF-8, or, if a word there is \"schwär\", convert it: iconv -f WINDOWS-1252 ",
		"Bild;Entz\xfcndung;x\na;1;2\n":   `line 1 is no UTF-8 text; save the file as CSV UTF-8, or, if a word there is "Entzündung", `,
		"image,label\na,\x80 5\n":         `if a word there is "€", `,
		"image,label\na,\x81\n":           "line 2 holds bytes that no text has; write its rows as CSV UTF-8",
		"image,label\na,b\x00\xe4\n":      "line 2 holds bytes that no text has",
		"a\xe4" + strings.Repeat("x", 99): `if a word there is "aä` + strings.Repeat("x", 39) + `", `,
		"PK\x03\x04\x00":                  "this is an archive or a workbook of another program than Excel, no text; save its sheet as CSV UTF-8 or .xlsx",
		"PK\x03\x04\x00mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK": "this is a workbook of OpenDocument (.ods), no text; save its sheet as CSV UTF-8 or .xlsx",
		"\xd0\xcf\x11\xe0\xa1\xb1":           "this is a workbook of an old Excel (.xls), no text; save its sheet as CSV UTF-8 or .xlsx",
		"PAR1\x15":                           "this is a file of Parquet, no text; write its rows as CSV UTF-8",
		"\n<!DOCTYPE html>\n<p>Log in</p>\n": "this is a page of HTML or XML",
		"image,label\na,1,2\n":               "line 2 has 3 cells, the header has 2",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestBlankSeparated: blanks separate cells where all lines have as many.
func TestBlankSeparated(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"a b\n1 2\n3 4\n":           {"a", "b"},
		"a b\r\n1 2\r\n":            {"a", "b"},
		"Image Index\nx.png\n":      {"Image Index"},
		"a b\nsome words more\n":    {"a b"},
		"a b,c\n1 2,3\n":            {"a b", "c"},
		"two words\n":               {"two words"},
		"a  b\n1  2\n":              {"a  b"},
		"a b\n" + "1 2\n\n" + "3 4": {"a", "b"},
	} {
		got, err := Parse([]byte(text))
		if err != nil || !slices.Equal(got.Columns, want) {
			t.Errorf("%q: got %q, %v, want %q", text, got.Columns, err, want)
		}
	}
}
