// Package nifti reads volumes of NIfTI-1 and NIfTI-2 files (.nii, .nii.gz) as slices that
// stand as radiology shows them. The format is that of nifti1.h and nifti2.h
// (https://nifti.nimh.nih.gov); pairs of .hdr and .img files are not read.
package nifti

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Header is what a file says of its volume. Slices lie along a dimension of the array, the
// third if nothing else is said; rows and columns are those of a slice as it is shown.
type Header struct {
	Rows, Columns, Slices int
	// RowSpacing and ColumnSpacing are millimetres between rows and between columns.
	RowSpacing, ColumnSpacing float64
	// Orientation is DICOM's: the directions of a row and of a column, six cosines; nil where
	// the file does not say how the volume lies.
	Orientation []float64

	first, step      [3]float64 // place of slice 0's first pixel, and from slice to slice; DICOM's axes
	size             [3]int     // of the array
	axes             [3]int     // dimensions of the array: along rows, along columns, from slice to slice
	mirror           [2]bool    // columns and rows run against the array
	fields           fields
	offset           int
	kind             kind
	zipped           bool
	order            binary.ByteOrder
	slope, intercept float64
}

// kind is how a number is stored.
type kind struct {
	bytes int
	read  func(order binary.ByteOrder, b []byte) float64
}

// kinds are by NIfTI's datatype.
var kinds = map[int16]kind{
	2:    {1, func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) }},
	256:  {1, func(_ binary.ByteOrder, b []byte) float64 { return float64(int8(b[0])) }},
	4:    {2, func(o binary.ByteOrder, b []byte) float64 { return float64(int16(o.Uint16(b))) }},
	512:  {2, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint16(b)) }},
	8:    {4, func(o binary.ByteOrder, b []byte) float64 { return float64(int32(o.Uint32(b))) }},
	768:  {4, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint32(b)) }},
	16:   {4, func(o binary.ByteOrder, b []byte) float64 { return float64(math.Float32frombits(o.Uint32(b))) }},
	1024: {8, func(o binary.ByteOrder, b []byte) float64 { return float64(int64(o.Uint64(b))) }},
	1280: {8, func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint64(b)) }},
	64:   {8, func(o binary.ByteOrder, b []byte) float64 { return math.Float64frombits(o.Uint64(b)) }},
}

// Is says whether a file begins as NIfTI does; four bytes are enough. What begins as gzip
// does is taken for one.
func Is(start []byte) bool {
	if len(start) < 4 {
		return false
	}
	return isZipped(start) || orderOf(start) != nil
}

func isZipped(start []byte) bool { return len(start) > 1 && start[0] == 0x1f && start[1] == 0x8b }

// orderOf knows the byte order by the header's size, which is its first number.
func orderOf(start []byte) binary.ByteOrder {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if n := order.Uint32(start); n == 348 || n == 540 {
			return order
		}
	}
	return nil
}

// largest is the most bytes that a volume may take when it is unpacked.
const largest = 4 << 30

var errTooLarge = errors.New("the volume takes more than 4 GB; cut it, or store it in fewer bits")

// Unpack gives the content of a file that is zipped, and others as they are.
func Unpack(data []byte) ([]byte, error) {
	if !isZipped(data) {
		return data, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	start := make([]byte, 540)
	n, err := io.ReadFull(r, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	h, err := parse(start[:n])
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, min(h.end(), 1<<20+32*len(data))))
	out.Write(start[:n])
	if _, err = io.Copy(out, io.LimitReader(r, int64(max(0, h.end()-n)))); err == nil && out.Len() == h.end() {
		_, err = io.CopyN(io.Discard, r, 1<<20) // to the end, where the checksum is looked at
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return out.Bytes(), nil
}

// ReadHeader reads the header of a file from its beginning.
func ReadHeader(r io.Reader) (Header, error) {
	start := make([]byte, 540)
	n, err := io.ReadFull(r, start[:2])
	if err != nil {
		return Header{}, errCut
	}
	r = io.MultiReader(bytes.NewReader(start[:n]), r)
	zipped := isZipped(start)
	if zipped {
		unzipped, err := gzip.NewReader(r)
		if err != nil {
			return Header{}, fmt.Errorf("gzip: %w", err)
		}
		r = unzipped
	}
	n, err = io.ReadFull(r, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Header{}, fmt.Errorf("gzip: %w", err)
	}
	h, err := parse(start[:n])
	h.zipped = zipped
	return h, err
}

var errCut = errors.New("the file is cut off")

// Holds says what is wrong with a file of so many bytes, and with the number of a frame. A
// zipped file may hold anything.
func (h Header) Holds(size int64, frame int) error {
	switch {
	case frame > h.size[0]+h.size[1]+h.size[2]:
		return fmt.Errorf("there is no slice %d of %d", frame, h.size[2])
	case !h.zipped && size < int64(h.end()):
		return fmt.Errorf("%w: %d of %d bytes are there", errCut, size, h.end())
	}
	return nil
}

// end is where the volume ends in the file, or would; parse holds it against largest.
func (h Header) end() int { return h.offset + h.size[0]*h.size[1]*h.size[2]*h.kind.bytes }
