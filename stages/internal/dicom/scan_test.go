package dicom

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestBrokenFiles wants an error that names the file and what is wrong in it.
func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	whole := sample{rows: 8, columns: 8}
	with := func(f func(*sample)) []byte { s := whole; f(&s); return s.bytes() }
	extra := func(b []byte) []byte { return with(func(s *sample) { s.extra = b }) }
	deep := element(0x0040, 0xa730, "SQ", nil)
	binary.LittleEndian.PutUint32(deep[8:], undefined)
	item := []byte{0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff}
	table := func(inner []byte) []byte {
		return extra(element(0x28, 0x3000, "SQ", append([]byte{0xfe, 0xff, 0x00, 0xe0, byte(len(inner)), 0, 0, 0}, inner...)))
	}
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"table without size", table(element(0x28, 0x3002, "US", short(2))), "LUTDescriptor (0028,3002) of ModalityLUTSequence is [2]"},
		{"table without numbers", table(element(0x28, 0x3002, "US", []byte{2, 0, 0, 0, 16, 0})), "LUTData (0028,3006) of ModalityLUTSequence is missing or empty"},
		{"empty", nil, "the file is empty"},
		{"text", bytes.Repeat([]byte("study_id,series_id\n"), 30), `"DICM" is not at byte 128`},
		{"only the mark", whole.bytes()[:132], "no image"},
		{"report", append(whole.bytes()[:160], element(8, 0x60, "CS", []byte("SR"))...), `neither Rows nor PixelData: it is no image (Modality "SR"), or cut off`},
		{"no rows", with(func(s *sample) { s.without = 0x00280010 }), "Rows (0028,0010) is missing"},
		{"no bits", with(func(s *sample) { s.without = 0x00280100 }), "BitsAllocated (0028,0100) is missing"},
		{"no pixels", with(func(s *sample) { s.without = 0x7fe00010 }), "PixelData (7fe0,0010) is missing"},
		{"no photometric", with(func(s *sample) { s.without = 0x00280004 }), "PhotometricInterpretation (0028,0004) is \"\""},
		{"zero rows", with(func(s *sample) { s.rows = 0 }), "Rows (0028,0010) is 0"},
		{"cut off", whole.bytes()[:len(whole.bytes())-5], "PixelData (7fe0,0010) is cut off: 123 of 128 bytes"},
		{"too few pixels", with(func(s *sample) { s.pixels = 100 }), "PixelData (7fe0,0010) has 100 bytes; Rows 8 and Columns 8"},
		{"too many pixels", with(func(s *sample) { s.pixels = 256 }), "PixelData (7fe0,0010) has 256 bytes"},
		{"lying pixels", with(func(s *sample) { s.claimed = 0xfffffff0 }), "PixelData (7fe0,0010) is cut off"},
		{"encapsulated", with(func(s *sample) { s.claimed = undefined }), "PixelData (7fe0,0010) is encapsulated"},
		{"13 bits of 12", with(func(s *sample) { s.bits = 17 }), "BitsStored (0028,0101) is 17"},
		{"billion rows", append(whole.bytes()[:132+8+20], bytes.Replace(whole.bytes()[132+8+20:],
			element(0x28, 0x10, "US", short(8)), element(0x28, 0x10, "UL", []byte{0, 0xca, 0x9a, 0x3b}), 1)...), "Rows (0028,0010) is 1000000000"},
		{"many pixels, small file", with(func(s *sample) { s.rows, s.columns, s.pixels, s.claimed = 65535, 65535, 4, 4 }), "PixelData (7fe0,0010) has 4 bytes"},
		{"frames", extra(element(0x28, 0x08, "IS", []byte("2 "))), "NumberOfFrames (0028,0008) is 2"},
		{"slope of words", extra(element(0x28, 0x1053, "DS", []byte("steep "))), `RescaleSlope (0028,1053) is "steep"`},
		{"infinite slope", extra(element(0x28, 0x1053, "DS", []byte("1e999 "))), `RescaleSlope (0028,1053)`},
		{"NaN intercept", extra(element(0x28, 0x1052, "DS", []byte("NaN "))), "RescaleIntercept (0028,1052) is NaN"},
		{"zero slope", extra(element(0x28, 0x1053, "DS", []byte("0 "))), "RescaleSlope (0028,1053) is 0"},
		{"long value", extra(element(0x10, 0x20, "LO", make([]byte, 5000))), "PatientID (0010,0020) has 5000 bytes"},
		{"length beyond the end", extra([]byte{0x09, 0, 0x10, 0x10, 'O', 'B', 0, 0, 0xf0, 0xff, 0xff, 0xff}), "(0009,1010) claims 4294967280 bytes"},
		{"no representation", extra(make([]byte, 16)), "has no value representation"},
		{"sequence without items", extra(deep), "holds PixelData (7fe0,0010) where an item must be"},
		{"endless sequences", extra(bytes.Repeat(append(append([]byte(nil), deep...), item...), 20000)), "more than 32 sequences deep"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := written(t, test.data)
			_, err := ReadImage(path)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want %s: … %s", err, path, test.want)
			}
		})
	}
}

func TestReadsWhatIsOddButLegal(t *testing.T) {
	t.Parallel()
	sequence := element(0x0040, 0xa730, "UN", nil) // implicit inside
	binary.LittleEndian.PutUint32(sequence[8:], undefined)
	inner := []byte{0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff, 0x28, 0, 0x10, 0, 2, 0, 0, 0, 9, 0, 0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0}
	sequence = append(append(sequence, inner...), 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0)
	for name, data := range map[string][]byte{
		"empty text":       sample{rows: 4, columns: 4, extra: element(0x10, 0x20, "LO", nil)}.bytes(),
		"empty slope":      sample{rows: 4, columns: 4, extra: element(0x28, 0x1053, "DS", nil)}.bytes(),
		"strange letters":  sample{rows: 4, columns: 4, extra: element(0x08, 0x05, "CS", []byte("KLINGON "))}.bytes(),
		"unknown sequence": sample{rows: 4, columns: 4, extra: sequence}.bytes(),
		"padding behind":   append(sample{rows: 4, columns: 4}.bytes(), element(0xfffc, 0xfffc, "OB", make([]byte, 6))...),
		"float slope":      sample{rows: 4, columns: 4, extra: element(0x28, 0x1053, "FD", []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f})}.bytes(),
	} {
		img, err := ReadImage(written(t, data))
		if err != nil || img.Rows != 4 || len(img.Pixels) != 16 || img.Pixels[1] != 74 {
			t.Errorf("%s: got %d rows, %v, error %v; want 4 rows and the second pixel 74", name, img.Rows, img.Pixels, err)
		}
	}
}

// TestLargeLengthsAllocateNothing reads a small file that claims gigabytes.
func TestLargeLengthsAllocateNothing(t *testing.T) {
	data := sample{rows: 65535, columns: 65535, pixels: 8, claimed: 0xfffe0002}.bytes()
	path := written(t, data)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := ReadImage(path); err == nil {
		t.Error("got no error for a file of a few bytes that claims 8 GB of pixels")
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("got %d bytes allocated for a file of %d", got, len(data))
	}
}

func TestMissingFileIsNotExist(t *testing.T) {
	t.Parallel()
	if _, err := ReadHeader(filepath.Join(t.TempDir(), "none.dcm")); !os.IsNotExist(err) {
		t.Errorf("got %v, want an error that os.IsNotExist knows", err)
	}
	if _, err := ReadImage(t.TempDir()); err == nil {
		t.Error("got no error for a folder")
	}
}

// FuzzReadImage wants an image that is as its header says, or an error: never a
// panic, a hang or an allocation beyond what the file justifies.
func FuzzReadImage(f *testing.F) {
	for _, pattern := range []string{"testdata/*.dcm", "testdata/*/*.dcm", "../../preprocess/testdata/shown/*.dcm"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal("no seeds", err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data, 0)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, frame int) {
		img, err := readStored("fuzz", &source{file: bytes.NewReader(data), size: int64(len(data))}, frame)
		var typed *Error
		switch {
		case err != nil && (!errors.As(err, &typed) || typed.Path != "fuzz"):
			t.Errorf("got %v, want an error that names the file", err)
		case err == nil && len(img.Values) != img.Rows*img.Columns:
			t.Errorf("got %d pixels for %d×%d", len(img.Values), img.Rows, img.Columns)
		case err == nil:
			sameBySlice(t, data, frame, img)
		}
	})
}

// sameBySlice holds the way that preprocessing goes against the one of ReadFrame.
func sameBySlice(t *testing.T, data []byte, frame int, img Stored) {
	t.Helper()
	slice, err := OpenSlice("fuzz", data, frame+1)
	if err != nil {
		t.Fatalf("got %v by OpenSlice alone", err)
	}
	got, want := make([]float32, len(img.Values)), img.Image().Pixels
	slice.Modality(got)
	for i := range got {
		if got[i] != want[i] && want[i] == want[i] {
			t.Fatalf("pixel %d is %v by OpenSlice, %v by ReadFrame", i, got[i], want[i])
		}
	}
	if table := slice.Shown().Table; table != nil {
		table.Apply(got)
		for i, v := range got {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("pixel %d is shown as %v", i, v)
			}
		}
	}
	if coloured, err := OpenColours("fuzz", data, frame+1); err == nil && coloured.Coloured() {
		coloured.Colours(make([]float32, 3*coloured.Rows*coloured.Columns))
	}
}
