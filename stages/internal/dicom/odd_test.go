package dicom

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// TestAsScannersWriteThem reads files that break the standard as real ones do, or seem to be
// of another format; pydicom reads the same of each.
func TestAsScannersWriteThem(t *testing.T) {
	t.Parallel()
	plain := sample{rows: 4, columns: 4}.bytes()
	meta := len(element(2, 0x10, "UI", []byte(explicitLittle+"\x00")))
	begins := func(with string) []byte { return append([]byte(with), plain[len(with):]...) }
	unknown := sample{rows: 4, columns: 4, without: 0x00280010, extra: element(0x28, 0x10, "UN", short(4))}.bytes()
	mute := append(slices.Clone(plain[:132]), plain[132+meta:]...)
	study := element(8, 0x60, "CS", []byte("MR"))
	for name, data := range map[string][]byte{
		"begins as TIFF does":         begins("II*\x00T\x18\x08\x00"),
		"begins as NIfTI does":        begins("\x5c\x01\x00\x00"),
		"rows of unknown type":        unknown,
		"a part of a block too much":  sample{rows: 4, columns: 4, pixels: 46}.bytes(),
		"no frames":                   sample{rows: 4, columns: 4, extra: element(0x28, 8, "IS", []byte("0 "))}.bytes(),
		"no transfer syntax":          mute,
		"no preamble":                 plain[132:],
		"neither preamble nor syntax": append(slices.Clone(study), plain[132+meta:]...),
		"implicit, says explicit":     append(slices.Clone(plain[:132+meta]), implicitly(t, plain[132+meta:])...),
		"explicit, says implicit":     bytes.Replace(plain, element(2, 0x10, "UI", []byte(explicitLittle+"\x00")), element(2, 0x10, "UI", []byte(implicitLittle+"\x00")), 1),
		"implicit, says nothing":      append(slices.Clone(plain[:132]), implicitly(t, plain[132+meta:])...),
	} {
		img, err := ReadImage(written(t, data))
		if err != nil || img.Rows != 4 || len(img.Pixels) != 16 || img.Pixels[1] != 74 {
			t.Errorf("%s: got %d rows, %v, error %v; want 4 rows and the second pixel 74", name, img.Rows, img.Pixels, err)
		}
	}
}

// implicitly writes explicit elements as implicit ones.
func implicitly(t *testing.T, explicit []byte) (out []byte) {
	t.Helper()
	for len(explicit) > 0 {
		begin, n := 8, int(binary.LittleEndian.Uint16(explicit[6:]))
		if isLong(string(explicit[4:6])) {
			begin, n = 12, int(binary.LittleEndian.Uint32(explicit[8:]))
		}
		out = append(out, explicit[:4]...)
		out = binary.LittleEndian.AppendUint32(out, uint32(n))
		out = append(out, explicit[begin:begin+n]...)
		explicit = explicit[begin+n:]
	}
	return out
}

// TestBytesInBigEndianWords: two frames of three bytes share a word, whose bytes are swapped.
func TestBytesInBigEndianWords(t *testing.T) {
	t.Parallel()
	data := []byte{2, 1, 4, 3, 6, 5}
	h := Header{
		Rows: 1, Columns: 3, BitsAllocated: 8, BitsStored: 8, HighBit: 7, Samples: 1, Frames: 2, TransferSyntax: explicitBig,
		pixels: place{vr: "OW", length: 6},
	}
	for number, want := range [][]int32{{1, 2, 3}, {4, 5, 6}} {
		raw, err := h.uncompressed(&source{size: 6, bytes: data}, number)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]int32, 3)
		if (frame{h: h, raw: raw}).stored(got); !slices.Equal(got, want) {
			t.Errorf("frame %d is %v, want %v", number, got, want)
		}
	}
}
