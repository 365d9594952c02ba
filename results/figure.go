package results

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"vertebra/stages/stage"
)

// The bodies of figures, as they are stored. Their JSON names are part of the
// file format: old files must stay readable.
type (
	lineBody struct {
		Label string   `json:"label"`
		X     []number `json:"x"`
		Y     []number `json:"y"`
	}
	curveBody struct {
		XLabel string     `json:"x_label"`
		YLabel string     `json:"y_label"`
		Lines  []lineBody `json:"lines"`
	}
	matrixBody struct {
		RowsTitle   string     `json:"rows_title"`
		ColumnTitle string     `json:"column_title"`
		Rows        []string   `json:"rows"`
		Columns     []string   `json:"columns"`
		Values      [][]number `json:"values"`
	}
	tableBody struct {
		Columns []string `json:"columns"`
		Rows    [][]cell `json:"rows"`
		Note    string   `json:"note,omitempty"`
	}
	groupBody struct {
		Label  string   `json:"label"`
		Values []number `json:"values"`
	}
	scatterBody struct {
		X     []number   `json:"x"`
		Y     []number   `json:"y"`
		Cases [][]string `json:"cases"`
		Note  string     `json:"note,omitempty"`
	}
	galleryBody struct {
		Matrix string `json:"matrix,omitempty"` // whose cell the pictures are
		Row    string `json:"row,omitempty"`
		Column string `json:"column,omitempty"`
	}
	barsBody struct {
		YLabel     string      `json:"y_label"`
		Categories []string    `json:"categories"`
		Groups     []groupBody `json:"groups"`
	}
)

func (b *batch) figure(ctx context.Context, record stage.Record) error {
	switch v := record.(type) {
	case stage.Curve:
		return b.putFigure(ctx, "curve", v.Section, v.Name, v.Title, packCurve(v))
	case stage.Matrix:
		return b.putFigure(ctx, "matrix", v.Section, v.Name, v.Title, packMatrix(v))
	case stage.Table:
		return b.putFigure(ctx, "table", v.Section, v.Name, v.Title, packTable(v))
	case stage.Bars:
		return b.putFigure(ctx, "bars", v.Section, v.Name, v.Title, packBars(v))
	case stage.Scatter:
		return b.putFigure(ctx, "scatter", v.Section, v.Name, v.Title, packScatter(v))
	case stage.Gallery:
		return b.gallery(ctx, v)
	}
	return fmt.Errorf("results do not know this shape; pass the value, not a pointer")
}

func (b *batch) putFigure(ctx context.Context, shape, section, name, title string, body any) error {
	_, err := b.figureID(ctx, shape, section, name, title, body)
	return err
}

func (b *batch) figureID(ctx context.Context, shape, section, name, title string, body any) (id int64, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", shape, name, err)
	}
	s, err := b.stmt(ctx, `INSERT INTO figures (run, shape, section, name, title, body) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET body = excluded.body RETURNING id`)
	if err != nil {
		return 0, err
	}
	err = s.QueryRowContext(ctx, b.run, shape, section, name, title, string(text)).Scan(&id)
	return id, err
}

func (b *batch) gallery(ctx context.Context, v stage.Gallery) error {
	var body galleryBody
	if v.Cell != nil {
		body = galleryBody{v.Cell.Matrix, v.Cell.Row, v.Cell.Column}
	}
	id, err := b.figureID(ctx, "gallery", v.Section, v.Name, v.Title, body)
	if err != nil {
		return err
	}
	if err := b.exec(ctx, `DELETE FROM pictures WHERE gallery = ?`, id); err != nil { // of an earlier recording
		return err
	}
	for _, p := range v.Pictures {
		png := p.PNG
		if png == nil {
			png = []byte{} // a nil slice would be NULL
		}
		if err := b.exec(ctx, `INSERT INTO pictures (gallery, caption, png, case_id, overlay) VALUES (?, ?, ?, ?, ?)`,
			id, p.Caption, png, p.Case, orNull(p.Overlay)); err != nil {
			return err
		}
	}
	return nil
}

// orNull stores nothing as NULL; a nil slice in an interface would be an empty blob.
func orNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// thumbnail stores a picture unless an equal one is there.
func (b *batch) thumbnail(ctx context.Context, v stage.Thumbnail) error {
	sum := sha256.Sum256(v.PNG)
	hash := hex.EncodeToString(sum[:])
	if err := b.exec(ctx, `INSERT INTO images (sha256, png) VALUES (?, ?) ON CONFLICT DO NOTHING`, hash, v.PNG); err != nil {
		return err
	}
	return b.exec(ctx, `INSERT INTO thumbnails (run, case_id, image) VALUES (?, ?, (SELECT id FROM images WHERE sha256 = ?))
		ON CONFLICT DO UPDATE SET image = excluded.image`, b.run, v.Case, hash)
}

func packCurve(v stage.Curve) curveBody {
	body := curveBody{XLabel: v.XLabel, YLabel: v.YLabel}
	for _, l := range v.Lines {
		body.Lines = append(body.Lines, lineBody{l.Label, numbers(l.X), numbers(l.Y)})
	}
	return body
}

func packMatrix(v stage.Matrix) matrixBody {
	body := matrixBody{RowsTitle: v.RowsTitle, ColumnTitle: v.ColumnTitle, Rows: v.Rows, Columns: v.Columns}
	for _, row := range v.Values {
		body.Values = append(body.Values, numbers(row))
	}
	return body
}

func packTable(v stage.Table) tableBody {
	body := tableBody{Columns: v.Columns, Note: v.Note}
	for _, row := range v.Rows {
		cells := make([]cell, len(row))
		for i, value := range row {
			cells[i] = cell{value}
		}
		body.Rows = append(body.Rows, cells)
	}
	return body
}

func packBars(v stage.Bars) barsBody {
	body := barsBody{YLabel: v.YLabel, Categories: v.Categories}
	for _, g := range v.Groups {
		body.Groups = append(body.Groups, groupBody{g.Label, numbers(g.Values)})
	}
	return body
}

func packScatter(v stage.Scatter) scatterBody {
	body := scatterBody{Note: v.Note}
	for _, p := range v.Points {
		body.X, body.Y, body.Cases = append(body.X, number(p.X)), append(body.Y, number(p.Y)), append(body.Cases, p.Cases)
	}
	return body
}

// unpack gives a figure back from its row. A gallery comes without pictures.
func unpack(shape, section, name, title string, text []byte) (stage.Record, error) {
	switch shape {
	case "curve":
		var body curveBody
		err := json.Unmarshal(text, &body)
		v := stage.Curve{Section: section, Name: name, Title: title, XLabel: body.XLabel, YLabel: body.YLabel}
		for _, l := range body.Lines {
			v.Lines = append(v.Lines, stage.Line{Label: l.Label, X: floats(l.X), Y: floats(l.Y)})
		}
		return v, err
	case "matrix":
		var body matrixBody
		err := json.Unmarshal(text, &body)
		v := stage.Matrix{Section: section, Name: name, Title: title, RowsTitle: body.RowsTitle,
			ColumnTitle: body.ColumnTitle, Rows: body.Rows, Columns: body.Columns}
		for _, row := range body.Values {
			v.Values = append(v.Values, floats(row))
		}
		return v, err
	case "table":
		return unpackTable(section, name, title, text)
	case "bars":
		var body barsBody
		err := json.Unmarshal(text, &body)
		v := stage.Bars{Section: section, Name: name, Title: title, YLabel: body.YLabel, Categories: body.Categories}
		for _, g := range body.Groups {
			v.Groups = append(v.Groups, stage.BarGroup{Label: g.Label, Values: floats(g.Values)})
		}
		return v, err
	case "scatter":
		return unpackScatter(section, name, title, text)
	case "gallery":
		var body galleryBody
		err := json.Unmarshal(text, &body)
		v := stage.Gallery{Section: section, Name: name, Title: title}
		if body.Matrix != "" {
			v.Cell = &stage.Cell{Matrix: body.Matrix, Row: body.Row, Column: body.Column}
		}
		return v, err
	}
	return nil, fmt.Errorf("figure %s: unknown shape %q", name, shape)
}

func unpackTable(section, name, title string, text []byte) (stage.Record, error) {
	var body tableBody
	err := json.Unmarshal(text, &body)
	v := stage.Table{Section: section, Name: name, Title: title, Columns: body.Columns, Note: body.Note}
	for _, row := range body.Rows {
		cells := make([]any, len(row))
		for i, c := range row {
			cells[i] = c.value
		}
		v.Rows = append(v.Rows, cells)
	}
	return v, err
}

func unpackScatter(section, name, title string, text []byte) (stage.Record, error) {
	var body scatterBody
	err := json.Unmarshal(text, &body)
	if len(body.Y) != len(body.X) || len(body.Cases) != len(body.X) {
		return nil, errors.Join(err, fmt.Errorf("%d x, %d y, and cases of %d points", len(body.X), len(body.Y), len(body.Cases)))
	}
	v := stage.Scatter{Section: section, Name: name, Title: title, Note: body.Note}
	for i, cases := range body.Cases {
		v.Points = append(v.Points, stage.ScatterPoint{X: float64(body.X[i]), Y: float64(body.Y[i]), Cases: cases})
	}
	return v, err
}
