// Package xlsx reads the first sheet of an Excel workbook (Office Open XML, ECMA-376 part 1,
// chapter 18) as rows of text. It trusts no size that a file claims.
package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// What a sheet may hold: Excel's own limits of rows and columns, and of all cells, and of
// the bytes of a part once it is unpacked.
const (
	mostRows    = 1 << 20
	mostColumns = 1 << 14
	mostCells   = 1 << 26
	mostBytes   = 1 << 30
)

// Is says whether content is a workbook: a zip file with the part that names its sheets.
func Is(data []byte) bool {
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return false
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	return err == nil && part(z, "xl/workbook.xml") != nil
}

// Rows reads the first sheet. Cells that are not there are empty; what a formula gave stands for
// it, an error of one for nothing, and dates are the numbers that Excel keeps.
func Rows(data []byte) ([][]string, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("the workbook is broken: %w", err)
	}
	name, err := firstSheet(z)
	if err != nil {
		return nil, err
	}
	shared, err := sharedStrings(z)
	if err != nil {
		return nil, err
	}
	return sheet(part(z, name), shared)
}

func part(z *zip.Reader, name string) *zip.File {
	for _, f := range z.File {
		if strings.EqualFold(strings.TrimPrefix(f.Name, "/"), name) {
			return f
		}
	}
	return nil
}

// decode reads a part of XML into to.
func decode(f *zip.File, to any) error {
	return within(f, func(d *xml.Decoder) error { return d.Decode(to) })
}

// within opens a part for reading.
func within(f *zip.File, read func(*xml.Decoder) error) error {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("the workbook is broken: %s: %w", f.Name, err)
	}
	defer r.Close()
	if err := read(xml.NewDecoder(io.LimitReader(r, mostBytes))); err != nil {
		return fmt.Errorf("the workbook is broken: %s: %w", f.Name, err)
	}
	return nil
}

// firstSheet is the part of the first sheet that is not hidden, by the names of relations.
func firstSheet(z *zip.Reader) (string, error) {
	var book struct {
		Sheets []struct {
			State    string `xml:"state,attr"`
			Relation string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			Strict   string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	names := part(z, "xl/_rels/workbook.xml.rels")
	if part(z, "xl/workbook.xml") == nil || names == nil {
		return "", errors.New("the file is no workbook of Excel")
	}
	if err := errors.Join(decode(part(z, "xl/workbook.xml"), &book), decode(names, &relations)); err != nil {
		return "", err
	}
	for _, s := range book.Sheets {
		for _, r := range relations.All {
			if s.State != "" && s.State != "visible" || r.ID != s.Relation && r.ID != s.Strict {
				continue
			}
			name := strings.TrimPrefix(r.Target, "/")
			if name == r.Target {
				name = path.Join("xl", r.Target)
			}
			if part(z, name) != nil {
				return name, nil
			}
		}
	}
	return "", errors.New("the workbook has no sheet")
}

// text is a string of pieces, of which each may have its own font; how characters are pronounced
// is left out.
type text struct {
	Plain  string   `xml:"t"`
	Pieces []string `xml:"r>t"`
}

func (t text) String() string { return t.Plain + strings.Join(t.Pieces, "") }

// sharedStrings are those that cells name by number; a workbook may have none.
func sharedStrings(z *zip.Reader) ([]string, error) {
	f := part(z, "xl/sharedStrings.xml")
	if f == nil {
		return nil, nil
	}
	var all struct {
		Items []text `xml:"si"`
	}
	if err := decode(f, &all); err != nil {
		return nil, err
	}
	out := make([]string, len(all.Items))
	for i, t := range all.Items {
		out[i] = t.String()
	}
	return out, nil
}
