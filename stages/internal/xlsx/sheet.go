package xlsx

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// cell is one of a sheet: c in sheetData.
type cell struct {
	Reference string `xml:"r,attr"`
	Type      string `xml:"t,attr"`
	Value     string `xml:"v"`
	Inline    text   `xml:"is"`
}

// line is a row of a sheet.
type line struct {
	Number int    `xml:"r,attr"`
	Cells  []cell `xml:"c"`
}

// sheet reads the rows of a sheet, one after the other. Empty rows within it are kept, those
// behind the last one are not there.
func sheet(f *zip.File, shared []string) (rows [][]string, err error) {
	cells := 0
	err = within(f, func(d *xml.Decoder) error {
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			start, is := token.(xml.StartElement)
			if !is || start.Name.Local != "row" {
				continue
			}
			var l line
			if err := d.DecodeElement(&l, &start); err != nil {
				return err
			}
			at := len(rows)
			if l.Number > 0 {
				at = l.Number - 1
			}
			if at < len(rows) || at >= mostRows {
				return fmt.Errorf("row %d is out of place", l.Number)
			}
			row, err := l.texts(shared)
			if err != nil {
				return err
			}
			if cells += len(row) + at - len(rows); cells > mostCells {
				return errors.New("the sheet has more cells than are read")
			}
			for len(rows) < at {
				rows = append(rows, nil)
			}
			rows = append(rows, row)
		}
	})
	return rows, err
}

// texts are the cells of a row, from the first column on.
func (l line) texts(shared []string) (out []string, err error) {
	for _, c := range l.Cells {
		at := len(out)
		if c.Reference != "" {
			at = column(c.Reference)
		}
		if at < len(out) || at >= mostColumns {
			return nil, fmt.Errorf("cell %s is out of place", c.Reference)
		}
		for len(out) < at {
			out = append(out, "")
		}
		text, err := c.text(shared)
		if err != nil {
			return nil, fmt.Errorf("cell %s: %w", c.Reference, err)
		}
		out = append(out, text)
	}
	return out, nil
}

// column is the number of a cell's column, from 0: 27 of AB12; a number that is too large where
// the reference is none.
func column(reference string) int {
	n := 0
	for _, r := range strings.ToUpper(reference) {
		if r < 'A' || r > 'Z' {
			break
		}
		if n = 26*n + int(r-'A') + 1; n > mostColumns {
			break
		}
	}
	if n == 0 {
		return mostColumns
	}
	return n - 1
}

// text is what a cell shows, but for the format of numbers.
func (c cell) text(shared []string) (string, error) {
	switch c.Type {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(c.Value))
		if err != nil || n < 0 || n >= len(shared) {
			return "", fmt.Errorf("there is no string %q", c.Value)
		}
		return shared[n], nil
	case "inlineStr":
		return c.Inline.String(), nil
	case "b":
		return map[string]string{"1": "TRUE", "0": "FALSE"}[strings.TrimSpace(c.Value)], nil
	case "e":
		return "", nil
	case "", "n":
		return number(strings.TrimSpace(c.Value)), nil
	}
	return c.Value, nil
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
