package nifti

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// volume is what testdata/volumes.py says of a file: frames by row and column, and of each
// the places of its first pixel, its last column and its last row.
type volume struct {
	File    string
	Spacing []float64
	Along   int               // slices along the third dimension
	Planes  map[string][2]int // the first frame of each, and how many there are
	Slices  [][][]float64
	Corners [][3][3]float64
}

func volumes(t testing.TB) (out []volume) {
	t.Helper()
	data, err := os.ReadFile("testdata/volumes.json")
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil || len(out) == 0 {
		t.Fatal(len(out), err)
	}
	return out
}

func TestSlice(t *testing.T) {
	t.Parallel()
	for _, v := range volumes(t) {
		data, err := os.ReadFile(filepath.Join("testdata", v.File))
		if err != nil {
			t.Fatal(err)
		}
		if !Is(data[:4]) {
			t.Errorf("%s is taken for no NIfTI file", v.File)
		}
		said, err := ReadHeader(bytes.NewReader(data))
		if err != nil || said.Slices != v.Along {
			t.Errorf("%s: %d slices, %v, want %d", v.File, said.Slices, err, v.Along)
		}
		for plane, name := range []string{Sagittal: "sagittal", Coronal: "coronal", Axial: "axial"} {
			if first, count, ok := said.Frames(plane); !ok || [2]int{first, count} != v.Planes[name] {
				t.Errorf("%s: %s frames are %d from %d, want %v", v.File, name, count, first, v.Planes[name])
			}
		}
		if data, err = Unpack(data); err != nil {
			t.Fatal(err)
		}
		for i, want := range v.Slices {
			h, pixels, err := Slice(data, i+1)
			if err != nil {
				t.Fatalf("%s: %v", v.File, err)
			}
			if h.Rows != len(want) || h.Columns != len(want[0]) {
				t.Fatalf("%s: %d×%d pixels, want %d×%d", v.File, h.Rows, h.Columns, len(want), len(want[0]))
			}
			for y, row := range want {
				for x, value := range row {
					if got := pixels[y*h.Columns+x]; !(math.Abs(float64(got)-value) <= 1e-5) {
						t.Errorf("%s: slice %d, row %d, column %d is %v, want %v", v.File, i, y, x, got, value)
					}
				}
			}
			if got := []float64{h.ColumnSpacing, h.RowSpacing}; i < v.Along && !(math.Abs(slices.Min(got)-slices.Min(v.Spacing[:2])) < 1e-5 && math.Abs(slices.Max(got)-slices.Max(v.Spacing[:2])) < 1e-5) {
				t.Errorf("%s: slice %d: spacing %v, want %v", v.File, i, got, v.Spacing)
			}
			_, slice := said.At(i + 1)
			wantCorners(t, v.File, h, slice, v.Corners[i])
		}
	}
}

func wantCorners(t *testing.T, file string, h Header, slice int, want [3][3]float64) {
	t.Helper()
	at := h.Position(slice)
	for n, corner := range [][2]float64{{0, 0}, {float64(h.Columns-1) * h.ColumnSpacing, 0}, {0, float64(h.Rows-1) * h.RowSpacing}} {
		for i := range 3 {
			got := at[i] + corner[0]*h.Orientation[i] + corner[1]*h.Orientation[3+i]
			if !(math.Abs(got-want[n][i]) <= 1e-4) {
				t.Errorf("%s: slice %d: corner %d lies at %v on axis %d, want %v", file, slice, n, got, i, want[n][i])
			}
		}
	}
}

// made is a header of version 1 with one slice of 2×1 pixels of a type.
func made(change func(b []byte)) []byte {
	b := make([]byte, 352+16)
	o := binary.LittleEndian
	o.PutUint32(b, 348)
	for i, n := range []uint16{3, 2, 1, 1} {
		o.PutUint16(b[40+2*i:], n)
	}
	o.PutUint16(b[70:], 4)
	o.PutUint32(b[108:], math.Float32bits(352))
	copy(b[344:], "n+1\x00")
	o.PutUint16(b[352:], 7)
	o.PutUint16(b[354:], 9)
	if change != nil {
		change(b)
	}
	return b
}

func TestSliceWithoutPlace(t *testing.T) {
	t.Parallel()
	h, pixels, err := Slice(made(nil), 1)
	if err != nil || h.Orientation != nil || h.Position(0) != nil || len(pixels) != 2 || pixels[0] != 7 || pixels[1] != 9 || h.RowSpacing != 1 {
		t.Errorf("got %+v, %v, %v", h, pixels, err)
	}
	apart := made(func(b []byte) {
		for i, v := range []float32{1, 0.5, -2, 9} {
			binary.LittleEndian.PutUint32(b[76+4*i:], math.Float32bits(v))
		}
	})
	if h, _, err := Slice(apart, 1); err != nil || h.ColumnSpacing != 0.5 || h.RowSpacing != 2 {
		t.Errorf("got columns %v and rows %v apart, %v; want 0.5 and 2", h.ColumnSpacing, h.RowSpacing, err)
	}
	if _, _, ok := h.Frames(Axial); ok {
		t.Error("its axial slices are known")
	}
	if _, pixels, err := Slice(made(func(b []byte) { binary.LittleEndian.PutUint32(b[108:], 0) }), 1); err != nil || pixels[0] != 7 {
		t.Errorf("no offset: %v, %v, want the pixels behind the header", pixels, err)
	}
	nan := made(func(b []byte) {
		binary.LittleEndian.PutUint16(b[70:], 16)
		binary.LittleEndian.PutUint32(b[352:], math.Float32bits(float32(math.NaN())))
	})
	if _, pixels, err := Slice(nan, 1); err != nil || pixels[0] != 0 {
		t.Errorf("no number: %v, %v, want 0", pixels, err)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	o := binary.LittleEndian
	for want, data := range map[string][]byte{
		"the file is cut off":              made(nil)[:354],
		"there is no slice 5 of 1":         nil,
		"the pixels are in another file":   made(func(b []byte) { copy(b[344:], "ni1") }),
		"it is an Analyze file":            made(func(b []byte) { copy(b[344:], "\x00\x00\x00\x00") }),
		"it has 9 dimensions":              made(func(b []byte) { o.PutUint16(b[40:], 9) }),
		"its dimension 2 is 0":             made(func(b []byte) { o.PutUint16(b[44:], 0) }),
		"it holds 5 volumes (dimension 4)": made(func(b []byte) { o.PutUint16(b[40:], 4); o.PutUint16(b[48:], 5) }),
		"its numbers are of datatype 128":  made(func(b []byte) { o.PutUint16(b[70:], 128) }),
		"the volume takes more than 4 GB": made(func(b []byte) {
			for i := range 3 {
				o.PutUint16(b[42+2*i:], 30000)
			}
		}),
		"vox_offset is no place": made(func(b []byte) { o.PutUint32(b[108:], math.Float32bits(-4)) }),
	} {
		slice := 1
		if data == nil {
			data, slice = made(nil), 5
		}
		if _, _, err := Slice(data, slice); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := Unpack([]byte("\x1f\x8b\x08\x00 no gzip at all")); err == nil || !strings.Contains(err.Error(), "gzip") {
		t.Errorf("broken gzip: %v", err)
	}
}

// FuzzSlice wants errors or slices of the size that the header says.
func FuzzSlice(f *testing.F) {
	for _, v := range volumes(f) {
		data, err := os.ReadFile(filepath.Join("testdata", v.File))
		if err != nil {
			f.Fatal(err)
		}
		if data, err = Unpack(data); err != nil {
			f.Fatal(err)
		}
		f.Add(data, 1)
	}
	f.Fuzz(func(t *testing.T, data []byte, slice int) {
		h, pixels, err := Slice(data, slice)
		if err == nil && (len(pixels) != h.Rows*h.Columns || len(pixels) == 0) {
			t.Errorf("%d pixels of %d×%d", len(pixels), h.Rows, h.Columns)
		}
	})
}
