// Package xlsx reads the first sheet of an Excel workbook as rows of text.
package xlsx

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// mostBytes is how much a workbook may be once it is unpacked, so that a small file cannot fill
// the memory.
const mostBytes = 1 << 30

// Is says whether content is a workbook: a zip file with the part that names its sheets.
func Is(data []byte) bool {
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return false
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return false
	}
	for _, f := range z.File {
		if strings.EqualFold(strings.TrimPrefix(f.Name, "/"), "xl/workbook.xml") {
			return true
		}
	}
	return false
}

// Rows reads the first sheet that is not hidden. Cells that are not there are empty; what a
// formula gave stands for it, an error of one for nothing, and dates are the numbers that Excel
// keeps.
func Rows(data []byte) (rows [][]string, err error) {
	defer caught(&err)
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: mostBytes, UnzipXMLSizeLimit: mostBytes})
	if err != nil {
		return nil, broken(err)
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	for _, name := range book.GetSheetList() {
		if visible, err := book.GetSheetVisible(name); err != nil || !visible {
			continue
		}
		return sheet(book, name)
	}
	return nil, errors.New("the workbook has no sheet")
}

func broken(err error) error { return fmt.Errorf("the workbook is broken: %w", err) }

// caught turns a panic over a broken file into an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = broken(fmt.Errorf("%v", p))
	}
}

// sheet reads the rows of a sheet. Empty ones within it are kept, those behind the last one are
// not there.
func sheet(book *excelize.File, name string) (out [][]string, err error) {
	rows, err := book.Rows(name)
	if err != nil {
		return nil, broken(err)
	}
	filled := 0
	for rows.Next() {
		row, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, broken(fmt.Errorf("row %d: %w", len(out)+1, err))
		}
		for c, text := range row {
			if row[c], err = shown(book, name, c, len(out), text); err != nil {
				return nil, broken(fmt.Errorf("row %d: %w", len(out)+1, err))
			}
		}
		if out = append(out, row); len(row) > 0 {
			filled = len(out)
		}
	}
	if err := cmp.Or(rows.Error(), rows.Close()); err != nil {
		return nil, broken(err)
	}
	return out[:filled], nil
}

// shown is what a cell shows. Its type is asked for where it matters, which takes time.
func shown(book *excelize.File, name string, column, row int, text string) (string, error) {
	if !doubtful(text) {
		return text, nil
	}
	at, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil {
		return "", err
	}
	kind, err := book.GetCellType(name, at)
	return plain(kind, text), err
}

// doubtful is a text that may stand for a number, a truth value or an error.
func doubtful(text string) bool {
	return text != "" && (text[0] == '#' || number(strings.TrimSpace(text)) != text || text == "0" || text == "1")
}

// plain is what a cell of a type shows, but for the format of numbers.
func plain(kind excelize.CellType, text string) string {
	switch kind {
	case excelize.CellTypeBool:
		return map[string]string{"1": "TRUE", "0": "FALSE"}[strings.TrimSpace(text)]
	case excelize.CellTypeError:
		return ""
	case excelize.CellTypeUnset, excelize.CellTypeNumber:
		return number(strings.TrimSpace(text))
	}
	return text
}

// number writes a number in the fewest digits that tell it: Excel keeps 0.1 as
// 0.10000000000000001.
func number(text string) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !strings.ContainsAny(text, ".eE") {
		return text
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
