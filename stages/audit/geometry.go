package audit

import (
	"errors"

	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

// Geometry is how an image file of the data lies in the patient.
func (c Cases) Geometry(path string) (stage.Geometry, error) {
	h := c.heads[path]
	if h == nil {
		h = headers.Read(path)
	}
	if h.Err != "" {
		return stage.Geometry{}, errors.New(h.Err)
	}
	return stage.NewGeometry(h.Rows, h.Columns, h.PixelSpacing, h.Position, h.Orientation), nil
}

// Slices are the files of a series that can be read, in the order of the slices.
func (s Series) Slices() []string { return s.paths() }
