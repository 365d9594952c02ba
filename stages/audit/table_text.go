package audit

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isText refuses what is no UTF-8: names would come out wrong.
func isText(data []byte) error {
	if utf8.Valid(data) {
		return nil
	}
	line := 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		rest = rest[size:]
	}
	return fmt.Errorf("line %d is no UTF-8 text; save the file as CSV UTF-8, or convert it, such as: iconv -f WINDOWS-1252 -t UTF-8", line)
}

// onOneLine takes the blanks around a cell away; line ends and other control characters in
// it become blanks, since cells are names that tables and messages show.
func onOneLine(cell string) string {
	if !strings.ContainsFunc(cell, unicode.IsControl) {
		return strings.TrimSpace(cell)
	}
	words := strings.FieldsFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	return strings.Join(words, " ")
}

// separator is what separates the cells of a header.
func separator(data []byte) rune {
	head, _, _ := bytes.Cut(data, []byte("\n"))
	for _, one := range ",;\t" {
		if bytes.ContainsRune(head, one) {
			return one
		}
	}
	return ','
}

// inTable says in words where the reader of a table stumbled.
func inTable(err error, head, cells []string) error {
	var at *csv.ParseError
	switch {
	case !errors.As(err, &at):
		return err
	case errors.Is(err, csv.ErrFieldCount):
		return fmt.Errorf("line %d has %d cells, the header has %d; a cell that holds a separator stands in quotes", at.Line, len(cells), len(head))
	case errors.Is(err, csv.ErrBareQuote), errors.Is(err, csv.ErrQuote):
		return fmt.Errorf("line %d, column %d: a quote stands alone; a cell with quotes stands in quotes, and each of its own is doubled", at.Line, at.Column)
	}
	return fmt.Errorf("line %d: %w", at.Line, at.Err)
}

// notThere says of a file that cannot be opened which one it is. Other errors pass.
func notThere(path string, err error) error {
	var at *fs.PathError
	switch {
	case !errors.As(err, &at):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is not there", path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s may not be read: the rights are missing", path)
	}
	return fmt.Errorf("%s: %w", path, at.Err)
}
