package nifti

import (
	"fmt"
	"math"
)

// Slice gives the numbers of a slice, from 0, of a file's content as Unpack gives it: row by
// row as it is shown, after slope and intercept. What is no number becomes 0, which is the
// background of most volumes.
func Slice(data []byte, slice int) (Header, []float32, error) {
	h, err := parse(data[:min(len(data), 540)])
	if err != nil {
		return h, nil, err
	}
	if slice < 0 || slice >= h.Slices {
		return h, nil, fmt.Errorf("there is no slice %d of %d", slice+1, h.Slices)
	}
	if len(data) < h.end() {
		return h, nil, fmt.Errorf("%w: %d of %d bytes are there", errCut, len(data), h.end())
	}
	plane := h.size[0] * h.size[1] * h.kind.bytes
	return h, h.shown(data[h.offset+slice*plane:][:plane]), nil
}

// shown turns a plane of the array.
func (h Header) shown(plane []byte) []float32 {
	out := make([]float32, h.Rows*h.Columns)
	// steps in the array from column to column and from row to row
	right, down := 1, h.size[0]
	if h.swapped {
		right, down = down, right
	}
	at := 0
	if h.mirror[0] {
		at += right * (h.Columns - 1)
		right = -right
	}
	if h.mirror[1] {
		at += down * (h.Rows - 1)
		down = -down
	}
	for y := range h.Rows {
		for x := range h.Columns {
			i := at + y*down + x*right
			v := h.kind.read(h.order, plane[i*h.kind.bytes:])*h.slope + h.intercept
			if math.IsNaN(v) || math.IsInf(v, 0) {
				v = 0
			}
			out[y*h.Columns+x] = float32(v)
		}
	}
	return out
}
