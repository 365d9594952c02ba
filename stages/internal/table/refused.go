package table

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// formats are what files that are no text begin with, and what they are.
var formats = map[string]string{
	"\x89HDF": "a file of HDF5", "%PDF": "a PDF", "\x93NUMPY": "an array of NumPy", "PAR1": "a file of Parquet", "ARROW1": "a file of Arrow",
	"SQLite format 3\x00": "a database of SQLite", "$FL2": "a file of SPSS", "<stata_dta>": "a file of Stata",
	"\xd0\xcf\x11\xe0": "a workbook of an old Excel (.xls)",
}

// otherFormat refuses content that is no text, and says what to do instead.
func otherFormat(data []byte) error {
	const save = "save its sheet as CSV UTF-8 or .xlsx"
	for start, what := range formats {
		switch {
		case !bytes.HasPrefix(data, []byte(start)):
		case strings.Contains(what, "workbook"):
			return fmt.Errorf("this is %s, no text; %s", what, save)
		default:
			return fmt.Errorf("this is %s, no text; write its rows as CSV UTF-8", what)
		}
	}
	head := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(data[:min(len(data), 256)], []byte("\xef\xbb\xbf"))))
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")) && bytes.Contains(head, []byte("opendocument.spreadsheet")):
		return errors.New("this is a workbook of OpenDocument (.ods), no text; " + save)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return errors.New("this is an archive or a workbook of another program than Excel, no text; " + save)
	case slices.ContainsFunc([]string{"<!doctype", "<html", "<?xml", "<table"}, func(start string) bool { return bytes.HasPrefix(head, []byte(start)) }):
		return errors.New("this is a page of HTML or XML, such as one that asks to log in, and no table; download the file again, or save what it shows as CSV UTF-8 or .xlsx")
	}
	return nil
}

// isText refuses what is no UTF-8: names would come out wrong. Excel writes CSV as Windows-1252 in
// many countries; whether it is that only a person can tell, who reads what it would be.
func isText(data []byte) error {
	if utf8.Valid(data) {
		return nil
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	line := 1 + bytes.Count(data[:at], []byte("\n"))
	word, ok := windowsWord(data, at)
	if !ok {
		return fmt.Errorf("line %d holds bytes that no text has; write its rows as CSV UTF-8", line)
	}
	return fmt.Errorf("line %d is no UTF-8 text; save the file as CSV UTF-8, or, if a word there is %q, convert it: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW", line, word)
}

// windowsWord is the word around a byte as Windows-1252 writes it; false where that has no such
// letters.
func windowsWord(data []byte, at int) (string, bool) {
	const most = 40 // bytes on each side
	apart := func(c byte) bool { return strings.IndexByte(" ,;|\t\r\n\"", c) >= 0 }
	first, last := at, at
	for first > 0 && at-first < most && !apart(data[first-1]) {
		first--
	}
	for last < len(data) && last-at < most && !apart(data[last]) {
		last++
	}
	word, err := charmap.Windows1252.NewDecoder().String(string(data[first:last]))
	return word, err == nil && !strings.ContainsFunc(word, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}
