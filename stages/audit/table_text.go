package audit

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// plainText gives a table's content as UTF-8 with lines that end in \n. Spreadsheets also write
// UTF-16, and old ones lines that end in \r alone.
func plainText(data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return nil, errors.New("this is a workbook or an archive, no text; save the sheet as CSV UTF-8")
	}
	data = fromUTF16(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if !bytes.ContainsRune(data, '\n') {
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	}
	return data, isText(data)
}

// fromUTF16 decodes what begins with a byte order mark of UTF-16; other content stays.
func fromUTF16(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return data
	}
	var units []uint16
	for at := 2; at+1 < len(data); at += 2 {
		units = append(units, order.Uint16(data[at:]))
	}
	return []byte(string(utf16.Decode(units)))
}

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

// pathIn is the path in a cell as this machine writes it; a table may come from Windows.
func pathIn(cell string) string {
	if !strings.Contains(cell, "/") {
		cell = strings.ReplaceAll(cell, `\`, "/")
	}
	return filepath.FromSlash(cell)
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

// separator is what separates the cells of a header, of which there are most. A first line
// such as sep=; says it, to Excel, and is no row.
func separator(data []byte) (rune, []byte) {
	head, rest, _ := bytes.Cut(data, []byte("\n"))
	if said, is := strings.CutPrefix(strings.TrimRight(string(head), "\r"), "sep="); is && utf8.RuneCountInString(said) == 1 {
		r, _ := utf8.DecodeRuneInString(said)
		return r, rest
	}
	best, most := ',', 0
	for _, one := range ",;\t|" {
		if n := strings.Count(string(head), string(one)); n > most {
			best, most = one, n
		}
	}
	return best, data
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
