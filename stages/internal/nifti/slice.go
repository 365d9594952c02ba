package nifti

import (
	"fmt"
	"math"
)

// Slice gives the numbers of a frame, from 1, of a file's content as Unpack gives it: row by
// row as it is shown, after slope and intercept. What is no number becomes 0, which is the
// background of most volumes.
func Slice(data []byte, frame int) (Header, []float32, error) {
	h, err := parse(data[:min(len(data), 540)])
	if err != nil {
		return h, nil, err
	}
	if frame < 1 || frame > h.size[0]+h.size[1]+h.size[2] {
		return h, nil, fmt.Errorf("there is no slice %d of %d", frame, h.Slices)
	}
	if len(data) < h.end() {
		return h, nil, fmt.Errorf("%w: %d of %d bytes are there", errCut, len(data), h.end())
	}
	h, slice := h.At(frame)
	return h, h.shown(data[h.offset:h.end()], slice), nil
}

// At gives the header laid for a frame, and which slice that is, from 0. Frames are numbered
// through all three dimensions: first the slices along the third, then those along the second
// and the first.
func (h Header) At(frame int) (Header, int) {
	slice := max(frame, 1) - 1
	for through := third; through > 0; through-- {
		if slice < h.size[through] {
			h.lay(through)
			return h, slice
		}
		slice -= h.size[through]
	}
	h.lay(0)
	return h, slice
}

// The planes that slices may lie in.
const (
	Sagittal = iota // across right and left
	Coronal         // across front and back
	Axial           // across feet and head
)

// Frames gives the number of the first frame of a plane, and how many there are. false where
// the file does not say how the volume lies.
func (h Header) Frames(plane int) (first, count int, ok bool) {
	a, known := h.fields.place()
	if !known {
		return 0, 0, false
	}
	through := 0
	share := func(k int) float64 { return math.Abs(a[plane][k]) / a.length(k) }
	for k := range 3 {
		if share(k) > share(through) {
			through = k
		}
	}
	first = 1
	for k := third; k > through; k-- {
		first += h.size[k]
	}
	return first, h.size[through], true
}

// shown takes a slice out of the volume's numbers, and turns it.
func (h Header) shown(volume []byte, slice int) []float32 {
	out := make([]float32, h.Rows*h.Columns)
	stride := [3]int{1, h.size[0], h.size[0] * h.size[1]} // in the array
	right, down := stride[h.axes[0]], stride[h.axes[1]]
	at := slice * stride[h.axes[2]]
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
			v := h.kind.read(h.order, volume[i*h.kind.bytes:])*h.slope + h.intercept
			if math.IsNaN(v) || math.IsInf(v, 0) {
				v = 0
			}
			out[y*h.Columns+x] = float32(v)
		}
	}
	return out
}
