// Package npy reads NumPy's files of one array, .npy, row by row: the arrays of data sets may
// be larger than memory. It reads numbers alone, and runs no pickled code.
// Format: numpy.lib.format, versions 1.0 to 3.0.
package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

const magic = "\x93NUMPY"

// Header says what an array holds.
type Header struct {
	Kind  byte  // 'b' true or false, 'u' whole, 'i' with sign, 'f' floating point
	Bytes int   // of a number
	Shape []int // in the order of C: the last index runs fastest

	order binary.ByteOrder
}

// The most that a header may hold, and an array have.
const (
	mostHeader = 1 << 16
	mostDims   = 8
)

var (
	descr   = regexp.MustCompile(`'descr'\s*:\s*'([<>|=]?)([a-zA-Z])([0-9]{0,4})'`)
	fortran = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	shape   = regexp.MustCompile(`'shape'\s*:\s*\(([0-9,\sL]*)\)`)
)

// ReadHeader reads the header; what follows in r are the numbers.
func ReadHeader(r io.Reader) (h Header, err error) {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil || string(start[:6]) != magic {
		return h, errors.New("no array of NumPy")
	}
	size := 2
	if start[6] > 1 {
		size = 4
	}
	var length [4]byte
	if _, err := io.ReadFull(r, length[:size]); err != nil {
		return h, errCut
	}
	n := binary.LittleEndian.Uint32(length[:])
	if start[6] < 1 || start[6] > 3 || n > mostHeader {
		return h, fmt.Errorf("version %d of NumPy's format with a header of %d bytes; want 1 to 3", start[6], n)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, errCut
	}
	return parse(string(text))
}

var errCut = errors.New("the file ends too early")

func parse(text string) (h Header, err error) {
	kind, order, sizes := descr.FindStringSubmatch(text), fortran.FindStringSubmatch(text), shape.FindStringSubmatch(text)
	switch {
	case kind == nil:
		return h, errors.New("it holds no plain numbers")
	case order == nil || sizes == nil:
		return h, errors.New("its header names no shape")
	case order[1] == "True":
		return h, errors.New("it is stored in the order of Fortran: write it with numpy.ascontiguousarray")
	}
	if h.Kind, h.order = kind[2][0], binary.LittleEndian; kind[1] == ">" {
		h.order = binary.BigEndian
	}
	h.Bytes, _ = strconv.Atoi(kind[3]) // digits alone
	if !known[string(h.Kind)+kind[3]] {
		return h, fmt.Errorf("it holds numbers of the type %s%s, which cannot be read", kind[2], kind[3])
	}
	total := h.Bytes
	for _, word := range strings.Split(sizes[1], ",") {
		word = strings.TrimSuffix(strings.TrimSpace(word), "L")
		if word == "" {
			continue
		}
		n, err := strconv.Atoi(word)
		if err != nil || len(h.Shape) == mostDims || n > 0 && total > math.MaxInt64/n {
			return h, fmt.Errorf("its shape (%s) is too large", sizes[1])
		}
		h.Shape, total = append(h.Shape, n), total*max(n, 1)
	}
	return h, nil
}

var known = map[string]bool{"b1": true, "u1": true, "u2": true, "u4": true, "u8": true, "i1": true, "i2": true, "i4": true, "i8": true, "f4": true, "f8": true}

// Rows is how many rows there are along the first index.
func (h Header) Rows() int {
	if len(h.Shape) == 0 {
		return 1
	}
	return h.Shape[0]
}

// RowBytes is how many bytes a row has.
func (h Header) RowBytes() int {
	n := h.Bytes
	for _, size := range h.Shape[min(1, len(h.Shape)):] {
		n *= size
	}
	return n
}

// Whole gives the numbers of some bytes of the array as whole ones; false where one is none.
func (h Header) Whole(row []byte) (out []int64, ok bool) {
	for at := 0; at+h.Bytes <= len(row); at += h.Bytes {
		v, ok := h.whole(row[at : at+h.Bytes])
		if !ok {
			return nil, false
		}
		out = append(out, v)
	}
	return out, true
}

func (h Header) whole(b []byte) (int64, bool) {
	var bits uint64
	switch h.Bytes {
	case 1:
		bits = uint64(b[0])
	case 2:
		bits = uint64(h.order.Uint16(b))
	case 4:
		bits = uint64(h.order.Uint32(b))
	case 8:
		bits = h.order.Uint64(b)
	}
	switch h.Kind {
	case 'i':
		away := 64 - 8*h.Bytes
		return int64(bits<<away) >> away, true
	case 'f':
		v := math.Float64frombits(bits)
		if h.Bytes == 4 {
			v = float64(math.Float32frombits(uint32(bits)))
		}
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	}
	return int64(bits), bits <= math.MaxInt64
}
