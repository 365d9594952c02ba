package codec

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// seed is a frame of a file of testdata/syntaxes.
type seed struct {
	syntax string
	data   []byte
	f      Frame
}

// seeds takes the first fragment out of each compressed file.
func seeds(t testing.TB, pattern string) []seed {
	t.Helper()
	files, err := filepath.Glob("../testdata/syntaxes/" + pattern)
	if err != nil {
		t.Fatal(err)
	}
	var out []seed
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// PixelData of undefined length, then an item for the table of offsets.
		at := bytes.Index(b, []byte("\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0"))
		if at < 0 {
			continue
		}
		b, uid := b[at+12:], value(b, "\x02\x00\x10\x00UI")
		b = b[8+binary.LittleEndian.Uint32(b[4:]):]
		s := seed{syntax: string(bytes.TrimRight(uid, "\x00")), data: b[8:][:binary.LittleEndian.Uint32(b[4:])], f: Frame{Rows: 46, Columns: 37, Samples: 1, BitsAllocated: 16}}
		if bytes.Contains([]byte(file), []byte("rgb8")) {
			s.f.Samples, s.f.BitsAllocated = 3, 8
		}
		if bytes.Contains([]byte(file), []byte("grey8")) {
			s.f.BitsAllocated = 8
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		t.Fatal("no seeds match", pattern)
	}
	return out
}

// value is that of an element with a short length.
func value(b []byte, header string) []byte {
	b = b[bytes.Index(b, []byte(header))+len(header):]
	return b[2:][:binary.LittleEndian.Uint16(b)]
}

// fuzz wants a picture of the size asked for, or an error: no panic, no hang, no
// memory that the bytes do not justify.
func fuzz(f *testing.F, syntax, pattern string) {
	if err := Usable(syntax); err != nil {
		f.Skip(err)
	}
	for _, s := range seeds(f, pattern) {
		f.Add(s.data, uint16(s.f.Rows), uint16(s.f.Columns), s.f.Samples == 3, uint8(s.f.BitsAllocated/8))
	}
	f.Fuzz(func(t *testing.T, data []byte, rows, columns uint16, colour bool, bytes uint8) {
		frame := Frame{Rows: int(rows), Columns: int(columns), Samples: 1, BitsAllocated: 8 * int(bytes)}
		if colour {
			frame.Samples = 3
		}
		pic, err := Decode(syntax, data, frame)
		if err != nil {
			return
		}
		if len(pic.Values) != frame.Rows*frame.Columns*pic.Samples || pic.Samples > frame.Samples {
			t.Errorf("got %d values of %d samples for %+v", len(pic.Values), pic.Samples, frame)
		}
		if len(pic.Values) > always+512*len(data) {
			t.Errorf("got %d values from %d bytes", len(pic.Values), len(data))
		}
	})
}

func FuzzRLE(f *testing.F)      { fuzz(f, "1.2.840.10008.1.2.5", "rle-*.dcm") }
func FuzzJPEG(f *testing.F)     { fuzz(f, "1.2.840.10008.1.2.4.51", "jpeg5[01]*.dcm") }
func FuzzLossless(f *testing.F) { fuzz(f, "1.2.840.10008.1.2.4.57", "jpeg[57][70]*.dcm") }
func FuzzJPEGLS(f *testing.F)   { fuzz(f, "1.2.840.10008.1.2.4.80", "ls-*.dcm") }
func FuzzJPEG2000(f *testing.F) { fuzz(f, "1.2.840.10008.1.2.4.90", "j2k-*.dcm") }
func FuzzHTJ2K(f *testing.F)    { fuzz(f, "1.2.840.10008.1.2.4.201", "ht-*.dcm") }
