package nifti

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// fields are what is wanted of a header, whatever its version.
type fields struct {
	dim              [8]int64
	datatype         int16
	spacing          [8]float64 // pixdim; the first is qfac
	offset, least    int64      // of the pixels; where they may begin
	slope, intercept float64
	qform, sform     int
	quatern          [3]float64
	qoffset          [3]float64
	srow             [3][4]float64
}

// parse reads a header.
func parse(start []byte) (h Header, err error) {
	if len(start) < 348 {
		return h, errCut
	}
	if h.order = orderOf(start); h.order == nil {
		return h, errors.New("it is no NIfTI file")
	}
	var f fields
	if h.order.Uint32(start) == 348 {
		f, err = first(start, h.order)
	} else if len(start) < 540 {
		err = errCut
	} else {
		f, err = second(start, h.order)
	}
	if err != nil {
		return h, err
	}
	if err := h.sizes(f); err != nil {
		return h, err
	}
	h.slope, h.intercept = f.slope, f.intercept
	if !finite(h.slope) || h.slope == 0 { // not scaled
		h.slope, h.intercept = 1, 0
	}
	if !finite(h.intercept) {
		return h, errors.New("scl_inter is no number")
	}
	h.fields = f
	h.lay(third)
	return h, nil
}

// first reads version 1, of 348 bytes.
func first(b []byte, o binary.ByteOrder) (f fields, err error) {
	switch string(b[344:348]) {
	case "n+1\x00":
	case "ni1\x00":
		return f, errors.New("the pixels are in another file; store it as one .nii")
	default:
		return f, errors.New("it is an Analyze file, or no NIfTI")
	}
	short := func(at int) int64 { return int64(int16(o.Uint16(b[at:]))) }
	float := func(at int) float64 { return float64(math.Float32frombits(o.Uint32(b[at:]))) }
	for i := range 8 {
		f.dim[i], f.spacing[i] = short(40+2*i), float(76+4*i)
	}
	f.datatype, f.slope, f.intercept = int16(short(70)), float(112), float(116)
	f.qform, f.sform = int(short(252)), int(short(254))
	offset := float(108)
	if !(offset >= 0 && offset < largest) {
		return f, errors.New("vox_offset is no place in the file")
	}
	f.offset, f.least = int64(offset), 352
	for i := range 3 {
		f.quatern[i], f.qoffset[i] = float(256+4*i), float(268+4*i)
		for k := range 4 {
			f.srow[i][k] = float(280 + 16*i + 4*k)
		}
	}
	return f, nil
}

// second reads version 2, of 540 bytes.
func second(b []byte, o binary.ByteOrder) (f fields, err error) {
	switch string(b[4:8]) {
	case "n+2\x00":
	case "ni2\x00":
		return f, errors.New("the pixels are in another file; store it as one .nii")
	default:
		return f, errors.New("it is no NIfTI file")
	}
	long := func(at int) int64 { return int64(o.Uint64(b[at:])) }
	float := func(at int) float64 { return math.Float64frombits(o.Uint64(b[at:])) }
	for i := range 8 {
		f.dim[i], f.spacing[i] = long(16+8*i), float(104+8*i)
	}
	f.datatype, f.slope, f.intercept = int16(o.Uint16(b[12:])), float(176), float(184)
	f.offset, f.least = long(168), 544
	f.qform, f.sform = int(int32(o.Uint32(b[344:]))), int(int32(o.Uint32(b[348:])))
	for i := range 3 {
		f.quatern[i], f.qoffset[i] = float(352+8*i), float(376+8*i)
		for k := range 4 {
			f.srow[i][k] = float(400 + 32*i + 8*k)
		}
	}
	return f, nil
}

// sizes holds dimensions against what is read here.
func (h *Header) sizes(f fields) error {
	if f.dim[0] < 1 || f.dim[0] > 7 {
		return fmt.Errorf("it has %d dimensions", f.dim[0])
	}
	volume := int64(1)
	for i := range h.size {
		n := int64(1)
		if int64(i) < f.dim[0] {
			n = f.dim[i+1]
		}
		if n < 1 || n > 1<<15 {
			return fmt.Errorf("its dimension %d is %d", i+1, n)
		}
		h.size[i] = int(n)
		volume *= n
	}
	for i := int64(4); i <= f.dim[0]; i++ {
		if f.dim[i] > 1 {
			return fmt.Errorf("it holds %d volumes (dimension %d); store each in a file of its own", f.dim[i], i)
		}
	}
	var known bool
	if h.kind, known = kinds[f.datatype]; !known {
		return fmt.Errorf("its numbers are of datatype %d; store it as whole numbers or floats", f.datatype)
	}
	if f.offset < 0 || f.offset+volume*int64(h.kind.bytes) > largest {
		return errTooLarge
	}
	h.offset = int(max(f.offset, f.least)) // some write 0
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
