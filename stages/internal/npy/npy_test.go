package npy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// file writes an array of version 1.
func file(descr, fortran, shape string, data ...byte) []byte {
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, fortran, shape)
	out := append([]byte(magic), 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(text)))
	return append(append(out, text...), data...)
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		data  []byte
		shape []int
		want  []int64
	}{
		{file("|u1", "False", "(2, 3)", 1, 2, 3, 4, 5, 255), []int{2, 3}, []int64{1, 2, 3, 4, 5, 255}},
		{file("|b1", "False", "(2,)", 1, 0), []int{2}, []int64{1, 0}},
		{file("<i2", "False", "(2,)", 1, 0, 0xfe, 0xff), []int{2}, []int64{1, -2}},
		{file(">i4", "False", "(1, 1)", 0, 0, 1, 2), []int{1, 1}, []int64{258}},
		{file("<i8", "False", "(1L,)", 7, 0, 0, 0, 0, 0, 0, 0), []int{1}, []int64{7}},
		{file("<f4", "False", "(1,)", 0, 0, 0x40, 0x40), []int{1}, []int64{3}},
		{file("<u2", "False", "()", 4, 1), nil, []int64{260}},
	} {
		r := bytes.NewReader(c.data)
		h, err := ReadHeader(r)
		if err != nil || !slices.Equal(h.Shape, c.shape) {
			t.Fatalf("got %+v, %v", h, err)
		}
		rest, err := io.ReadAll(r)
		if err != nil || h.Rows()*h.RowBytes() != len(rest) {
			t.Errorf("%+v: got %d rows of %d bytes, %v; there are %d", h, h.Rows(), h.RowBytes(), err, len(rest))
		}
		if got, ok := h.Whole(rest); !ok || !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, want %v", h, got, c.want)
		}
	}
	for kind, number := range map[string][]byte{"<f4": {0, 0, 0x20, 0x40} /* 2.5 */, "<f8": {0, 0, 0, 0, 0, 0, 0xb0, 0xc3} /* -2^60 */, "<u8": {0, 0, 0, 0, 0, 0, 0, 0x80} /* 2^63 */} {
		h, err := ReadHeader(bytes.NewReader(file(kind, "False", "(1,)")))
		if got, ok := h.Whole(number); ok || err != nil {
			t.Errorf("%s: %v became %v, %v", kind, number, got, err)
		}
	}
}

// TestReadNumPy reads what NumPy wrote; see testdata/make.py.
func TestReadNumPy(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/grades.npy")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h, err := ReadHeader(f)
	if err != nil || !slices.Equal(h.Shape, []int{4, 1}) || h.Kind != 'i' {
		t.Fatalf("got %+v, %v", h, err)
	}
	rest, err := io.ReadAll(f)
	if got, ok := h.Whole(rest); err != nil || !ok || !slices.Equal(got, []int64{0, 3, -1, 300}) {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestLongHeader: from version 2 on, four bytes say how long the header is.
func TestLongHeader(t *testing.T) {
	t.Parallel()
	short := file("<i2", "False", "(1,)", 7, 0)
	for version := byte(2); version <= 3; version++ {
		long := slices.Concat(short[:6], []byte{version, 0}, short[8:10], []byte{0, 0}, short[10:])
		r := bytes.NewReader(long)
		h, err := ReadHeader(r)
		rest, _ := io.ReadAll(r)
		if got, ok := h.Whole(rest); err != nil || !ok || !slices.Equal(got, []int64{7}) {
			t.Errorf("version %d: got %v, %v", version, got, err)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for want, data := range map[string][]byte{
		"no array of NumPy":         []byte("PK\x03\x04 and more"),
		"the file ends too early":   file("|u1", "False", "(2, 3)")[:20],
		"version 9 of NumPy's":      append([]byte(magic), 9, 0, 1, 0, 0, 0),
		"no plain numbers":          file("[('a', '<i4')]", "False", "(2,)"),
		"the type c8, which cannot": file("<c8", "False", "(2,)"),
		"the order of Fortran":      file("|u1", "True", "(2, 3)"),
		"is too large":              file("<u8", "False", "(9000000000, 9000000000)"),
		"names no shape":            file("|u1", "False", "7"),
	} {
		if _, err := ReadHeader(bytes.NewReader(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func FuzzReadHeader(f *testing.F) {
	f.Add(file("|u1", "False", "(2, 3)", 1, 2, 3, 4, 5, 6))
	f.Add(file("<f8", "True", "(2,)"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if h, err := ReadHeader(bytes.NewReader(data)); err == nil && (h.Rows() < 0 || h.RowBytes() < 0 || h.Bytes < 1) {
			t.Errorf("got %+v", h)
		}
	})
}
