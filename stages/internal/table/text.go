package table

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// plainText gives a table's content, which may be packed with gzip, as UTF-8 with lines that
// end in \n. Spreadsheets also write UTF-16, and old ones lines that end in \r alone.
func plainText(data []byte) ([]byte, error) {
	data, err := unzipped(data)
	if err != nil {
		return nil, err
	}
	if err := otherFormat(data); err != nil {
		return nil, err
	}
	data = fromUTF16(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if !bytes.ContainsRune(data, '\n') {
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	}
	return data, isText(data)
}

// unzipped unpacks what gzip packed, such as cases.csv.gz; other content stays.
func unzipped(data []byte) ([]byte, error) {
	const most = 1 << 30
	if !bytes.HasPrefix(data, []byte("\x1f\x8b")) {
		return data, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err == nil {
		data, err = io.ReadAll(io.LimitReader(r, most+1))
	}
	if err == nil && len(data) > most {
		err = errors.New("it holds more than 1 GB")
	}
	if err != nil {
		return nil, fmt.Errorf("what gzip packed cannot be unpacked: %w", err)
	}
	return data, nil
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

// Path is the path in a cell as this machine writes it; a table may come from Windows.
func Path(cell string) string {
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
// such as sep=; says it, to Excel, and is no row. columns is how many there are; 0 where
// nobody says.
func separator(data []byte, columns int) (rune, []byte) {
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
	if blanks := strings.Count(string(head), " "); most == 0 && blanks > 0 && (blanks == columns-1 || inColumns(data)) {
		return ' ', data
	}
	return best, data
}

// inColumns says whether single blanks separate cells: each of the first lines has as many.
func inColumns(data []byte) bool {
	lines := strings.SplitN(string(data[:min(len(data), 1<<16)]), "\n", 21)
	if len(lines) > 1 {
		lines = lines[:len(lines)-1] // maybe cut
	}
	blanks := strings.Count(lines[0], " ")
	return blanks > 0 && len(lines) > 1 && !slices.ContainsFunc(lines, func(line string) bool {
		line = strings.TrimRight(line, "\r")
		return line != "" && (strings.Count(line, " ") != blanks || line != strings.Join(strings.Fields(line), " "))
	})
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
