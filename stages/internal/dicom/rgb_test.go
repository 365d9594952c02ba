package dicom

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// TestColoursLikePydicom compares with native files that testdata/syntaxes/make.py made of what
// pydicom reads.
func TestColoursLikePydicom(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/syntaxes/colours.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []syntaxCase
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("got %d files, want at least 10", len(all))
	}
	for _, c := range all {
		got, want := coloursOf(t, c.File), nativeColours(t, c.SameAs)
		if len(got) != len(want) {
			t.Errorf("%s: got %d numbers, want %d", c.File, len(got), len(want))
			continue
		}
		for i := range got {
			if off := math.Abs(float64(got[i] - want[i])); !(off <= float64(c.Within)) {
				t.Errorf("%s: number %d is %v, want %v", c.File, i, got[i], want[i])
				break
			}
		}
	}
	grey, err := os.ReadFile("testdata/syntaxes/grey8.dcm")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := OpenColours("grey8.dcm", grey, 0); err != nil || s.Coloured() {
		t.Errorf("a grey file has colours, %v", err)
	}
}

func coloursOf(t *testing.T, file string) []float32 {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata/syntaxes", file))
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenColours(file, content, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Coloured() {
		t.Fatalf("%s has no colours", file)
	}
	out := make([]float32, 3*s.Rows*s.Columns)
	s.Colours(out)
	return out
}

// nativeColours reads a native file of red, green and blue side by side, whose pixels are its
// last element, by hand.
func nativeColours(t *testing.T, file string) []float32 {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata/syntaxes", file))
	if err != nil {
		t.Fatal(err)
	}
	h, err := ReadHeader(filepath.Join("testdata/syntaxes", file))
	if err != nil {
		t.Fatal(err)
	}
	n, wide := h.Rows*h.Columns, h.BitsAllocated/8
	raw := content[bytes.LastIndex(content, []byte{0xe0, 0x7f, 0x10, 0})+12:]
	out := make([]float32, 3*n)
	for pixel := range n {
		for colour := range 3 {
			at := wide * (3*pixel + colour)
			v := int(raw[at])
			if wide == 2 {
				v += int(raw[at+1]) << 8
			}
			out[colour*n+pixel] = float32(v)
		}
	}
	return out
}

func BenchmarkColours(b *testing.B) {
	h := Header{Rows: 1000, Columns: 1000, BitsAllocated: 8, BitsStored: 8, HighBit: 7, Samples: 3, Photometric: "YBR_FULL", TransferSyntax: explicitLittle, Slope: 1}
	f := frame{h: h, raw: make([]byte, 3_000_000)}
	out := make([]float32, 3_000_000)
	b.SetBytes(3_000_000)
	for b.Loop() {
		f.rgbOf(out)
	}
}
