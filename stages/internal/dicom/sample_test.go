package dicom

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// sample is an explicit little-endian file, as broken as a test wants it.
type sample struct {
	rows, columns int
	bits          int // stored; 16 when 0
	signed        bool
	extra         []byte // elements before the pixels
	without       uint32 // an element that is left out: group<<16 | element
	pixels        int    // bytes of pixels that are there; all when 0, none when −1
	claimed       uint32 // length that PixelData claims; the true one when 0
}

func (s sample) bytes() []byte {
	out := append(make([]byte, 128), "DICM"...)
	put := func(b []byte) { out = append(out, b...) }
	put(element(0x0002, 0x0010, "UI", []byte(explicitLittle+"\x00")))
	bits := s.bits
	if bits == 0 {
		bits = 16
	}
	for _, e := range []struct {
		group, element uint16
		vr             string
		value          []byte
	}{
		{0x0028, 0x0002, "US", short(1)},
		{0x0028, 0x0004, "CS", []byte("MONOCHROME2 ")},
		{0x0028, 0x0010, "US", short(s.rows)},
		{0x0028, 0x0011, "US", short(s.columns)},
		{0x0028, 0x0100, "US", short(16)},
		{0x0028, 0x0101, "US", short(bits)},
		{0x0028, 0x0103, "US", short(map[bool]int{true: 1}[s.signed])},
	} {
		if s.without != uint32(e.group)<<16|uint32(e.element) {
			put(element(e.group, e.element, e.vr, e.value))
		}
	}
	put(s.extra)
	n := s.rows * s.columns * 2
	if s.pixels != 0 {
		n = max(0, s.pixels)
	}
	values := make([]byte, n)
	for i := 0; i+1 < n; i += 2 {
		binary.LittleEndian.PutUint16(values[i:], uint16(i*37))
	}
	if s.without == 0x7fe00010 {
		return out
	}
	pixels := element(0x7fe0, 0x0010, "OW", values)
	if s.claimed != 0 {
		binary.LittleEndian.PutUint32(pixels[8:], s.claimed)
	}
	put(pixels)
	return out
}

func short(v int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(v)) }

func element(group, element uint16, vr string, value []byte) []byte {
	var b bytes.Buffer
	b.Write(short(int(group)))
	b.Write(short(int(element)))
	b.WriteString(vr)
	if vr == "OB" || vr == "OW" || vr == "SQ" || vr == "UN" {
		b.Write([]byte{0, 0})
		b.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(value))))
	} else {
		b.Write(short(len(value)))
	}
	b.Write(value)
	return b.Bytes()
}

// written stores a file for a test.
func written(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "1.dcm")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
