package dicom

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// pydicom is what that reads; see testdata/make.py.
type pydicom struct {
	TransferSyntax string    `json:"transfer_syntax"`
	Spacing        []float64 `json:"spacing"`
	Position       []float64 `json:"position"`
	WindowCenter   []float64 `json:"window_center"`
	Patient        string    `json:"patient"`
	Pixels         []float32 `json:"pixels"`
}

func TestReadImageLikePydicom(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/want.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]pydicom
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("got %d files in want.json, want at least 10", len(all))
	}
	for file, want := range all {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			got, err := ReadImage(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			if got.TransferSyntax != want.TransferSyntax || got.PatientID != want.Patient {
				t.Errorf("got syntax %s of patient %q, want %s of %q", got.TransferSyntax, got.PatientID, want.TransferSyntax, want.Patient)
			}
			if !slices.Equal(got.PixelSpacing, want.Spacing) || !slices.Equal(got.Position, want.Position) || !slices.Equal(got.WindowCenter, want.WindowCenter) {
				t.Errorf("got spacing %v, position %v, center %v; want %v, %v, %v",
					got.PixelSpacing, got.Position, got.WindowCenter, want.Spacing, want.Position, want.WindowCenter)
			}
			if got.Rows != 9 || got.Columns != 13 || !slices.Equal(got.Pixels, want.Pixels) {
				t.Errorf("got %d×%d pixels %v, want 9×13 %v", got.Rows, got.Columns, got.Pixels, want.Pixels)
			}
		})
	}
}

func TestReadHeaderOfBareFile(t *testing.T) {
	t.Parallel()
	h, err := ReadHeader("testdata/bare.dcm")
	if err != nil {
		t.Fatal(err)
	}
	if h.InstanceNumber != nil || h.PixelSpacing != nil || h.Position != nil || h.HighBit != 15 || h.Slope != 1 || h.Intercept != 0 {
		t.Errorf("got %+v, want absent elements absent, and HighBit 15, Slope 1, Intercept 0", h)
	}
	h, err = ReadHeader("testdata/unsigned12.dcm")
	if err != nil {
		t.Fatal(err)
	}
	if h.InstanceNumber == nil || *h.InstanceNumber != 5031 || h.StudyUID != "2.25.10" || h.SeriesUID != "2.25.11" || len(h.Width) != 2 {
		t.Errorf("got %+v, want instance 5031, study 2.25.10, series 2.25.11, two windows", h)
	}
}

// TestDecode checks the bits by hand: the sign, bits above the stored ones,
// and stored bits that do not begin at the lowest.
func TestDecode(t *testing.T) {
	t.Parallel()
	twelve := Header{Rows: 1, Columns: 2, BitsAllocated: 16, BitsStored: 12, HighBit: 11, TransferSyntax: explicitLittle}
	change := func(f func(*Header)) Header { h := twelve; f(&h); return h }
	for _, test := range []struct {
		name string
		h    Header
		raw  []byte
		want []int32
	}{
		{"unsigned", twelve, []byte{0xff, 0x0f, 0x01, 0x00}, []int32{4095, 1}},
		{"overlay bits above", twelve, []byte{0xff, 0xff, 0x01, 0x80}, []int32{4095, 1}},
		{"signed", change(func(h *Header) { h.Signed = true }), []byte{0xff, 0x0f, 0x00, 0x08}, []int32{-1, -2048}},
		{"left aligned", change(func(h *Header) { h.HighBit = 15 }), []byte{0xf0, 0xff, 0x1f, 0x00}, []int32{4095, 1}},
		{"left aligned signed", change(func(h *Header) { h.HighBit, h.Signed = 15, true }), []byte{0xf0, 0xff, 0x1f, 0x00}, []int32{-1, 1}},
		{"MONOCHROME1", change(func(h *Header) { h.Photometric = "MONOCHROME1" }), []byte{0x00, 0x00, 0xff, 0x00}, []int32{4095, 4095 - 255}},
		{"MONOCHROME1 signed", change(func(h *Header) { h.Photometric, h.Signed = "MONOCHROME1", true }), []byte{0x00, 0x08, 0x00, 0x00}, []int32{2047, -1}},
		{"big endian", change(func(h *Header) { h.TransferSyntax = explicitBig }), []byte{0x0f, 0xfe, 0x00, 0x01}, []int32{4094, 1}},
		{"signed bytes", Header{Rows: 1, Columns: 2, BitsAllocated: 8, BitsStored: 8, HighBit: 7, Signed: true}, []byte{0xff, 0x7f}, []int32{-1, 127}},
	} {
		got := make([]int32, len(test.want))
		test.h.Samples = 1
		frame{h: test.h, raw: test.raw}.stored(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func BenchmarkReadImage(b *testing.B) {
	path := filepath.Join(b.TempDir(), "a.dcm")
	if err := os.WriteFile(path, sample{rows: 320, columns: 320}.bytes(), 0o644); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(320 * 320 * 2)
	for b.Loop() {
		if _, err := ReadImage(path); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadHeader(b *testing.B) {
	for b.Loop() {
		if _, err := ReadHeader("testdata/nested.dcm"); err != nil {
			b.Fatal(err)
		}
	}
}
