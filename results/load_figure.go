package results

import (
	"context"
	"database/sql"
	"fmt"

	"vertebra/stages/stage"
)

func (rec *RunRecord) loadFigures(ctx context.Context, tx *sql.Tx) error {
	pictures, err := loadPictures(ctx, tx, rec.number)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, `SELECT id, shape, section, name, title, body FROM figures WHERE run = ? ORDER BY id`, rec.number)
	if err != nil {
		return err
	}
	rec.Figures, err = collect(rows, func() (stage.Record, error) {
		var id int64
		var shape, section, name, title string
		var body []byte
		if err := rows.Scan(&id, &shape, &section, &name, &title, &body); err != nil {
			return nil, err
		}
		figure, err := unpack(shape, section, name, title, body)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", shape, name, err)
		}
		if gallery, ok := figure.(stage.Gallery); ok {
			gallery.Pictures = pictures[id]
			return gallery, nil
		}
		return figure, nil
	})
	return err
}

// loadPictures gives the pictures of all galleries of a run, by gallery.
func loadPictures(ctx context.Context, tx *sql.Tx, run int64) (map[int64][]stage.Picture, error) {
	rows, err := tx.QueryContext(ctx, `SELECT gallery, caption, png, case_id, overlay FROM pictures
		WHERE gallery IN (SELECT id FROM figures WHERE run = ?) ORDER BY id`, run)
	if err != nil {
		return nil, err
	}
	pictures := map[int64][]stage.Picture{}
	_, err = collect(rows, func() (struct{}, error) {
		var gallery int64
		var p stage.Picture
		if err := rows.Scan(&gallery, &p.Caption, &p.PNG, &p.Case, &p.Overlay); err != nil {
			return struct{}{}, err
		}
		pictures[gallery] = append(pictures[gallery], p)
		return struct{}{}, nil
	})
	return pictures, err
}
