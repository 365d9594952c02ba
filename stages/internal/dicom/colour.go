package dicom

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// colours makes grey of three samples; value gives one, with all its bits. Of
// YBR that is Y itself. The codecs undo JPEG 2000's own transforms, YBR_ICT and
// YBR_RCT, so that there red, green and blue come here.
func (f frame) colours(out []int32, value func(pixel, sample int) int32) {
	h := f.h
	luma := !f.rgb && (h.Photometric == "YBR_FULL" || h.Photometric == "YBR_FULL_422" || h.Photometric == "YBR_PARTIAL_420")
	var three [3]int32
	for pixel := range out {
		three[0] = value(pixel, 0)
		if luma {
			h.extract(three[:1])
			out[pixel] = three[0]
			continue
		}
		three[1], three[2] = value(pixel, 1), value(pixel, 2)
		h.extract(three[:])
		out[pixel] = luminance(three[0], three[1], three[2])
	}
}

// luminance is Y of ITU-R BT.601, rounded: what JPEG, and so DICOM's YBR_FULL,
// takes for the grey picture of a coloured one (PS3.3, C.7.6.3.1.2).
func luminance(red, green, blue int32) int32 {
	// 16 bits behind the point; the three add up to one.
	return int32((int64(red)*19595 + int64(green)*38470 + int64(blue)*7471 + 1<<15) >> 16)
}

// palette maps stored values to grey (PS3.3, C.7.6.3.1.5).
type palette struct {
	first int32 // the stored value of the first entry
	grey  []int32
	bits  int        // of the entries: 8 or 16
	three [3][]int32 // red, green and blue; nil of a table of greys
}

// look replaces values with their entries; those beyond the ends take the end's.
func (p palette) look(values []int32) {
	for i, v := range values {
		values[i] = p.grey[p.at(v)]
	}
}

// at is the entry of a stored value.
func (p palette) at(v int32) int { return min(max(int(v-p.first), 0), len(p.grey)-1) }

// grey is the header of the grey picture that is made of the file's.
func (h Header) grey() Header {
	for _, table := range []palette{h.palette, h.lookup} {
		if table.grey != nil {
			h.BitsStored, h.HighBit, h.Signed = table.bits, table.bits-1, false
		}
	}
	return h
}

// paletteTables are, for each colour, the descriptor of its table, the table, and the
// table as segments, which a file may have instead.
var paletteTables = [3][3]tag.Tag{
	{tag.RedPaletteColorLookupTableDescriptor, tag.RedPaletteColorLookupTableData, tag.SegmentedRedPaletteColorLookupTableData},
	{tag.GreenPaletteColorLookupTableDescriptor, tag.GreenPaletteColorLookupTableData, tag.SegmentedGreenPaletteColorLookupTableData},
	{tag.BluePaletteColorLookupTableDescriptor, tag.BluePaletteColorLookupTableData, tag.SegmentedBluePaletteColorLookupTableData},
}

// palette reads the three tables and makes one grey one of them.
func (t *tags) palette(found scanned, signed bool) (palette, error) {
	var p palette
	var colours [3][]int32
	for i, e := range paletteTables {
		descriptor := t.integers(e[0])
		if len(descriptor) != 3 || descriptor[2] != 8 && descriptor[2] != 16 {
			return p, bad(e[0], "is %v; want three numbers, the last being 8 or 16", descriptor)
		}
		n := descriptor[0] & 0xffff
		if n == 0 {
			n = 1 << 16
		}
		entries, err := entries(found.tables[e[1]], n, found.order)
		if segments := found.tables[e[2]]; len(segments) > 0 && len(found.tables[e[1]]) == 0 {
			e[1] = e[2]
			entries, err = expand(segments, found.order, descriptor[2], n)
		}
		if err != nil {
			return p, bad(e[1], "%w", err)
		}
		if descriptor[2] == 8 {
			for i := range entries {
				entries[i] &= 0xff
			}
		}
		colours[i], p.bits, p.first = entries, descriptor[2], int32(descriptor[1]&0xffff)
		if signed {
			p.first = int32(int16(p.first))
		}
	}
	if len(colours[0]) != len(colours[1]) || len(colours[0]) != len(colours[2]) {
		return p, bad(tag.RedPaletteColorLookupTableDescriptor, "has other numbers of entries than those of green or blue")
	}
	p.three = colours
	p.grey = make([]int32, len(colours[0]))
	for i := range p.grey {
		p.grey[i] = luminance(colours[0][i], colours[1][i], colours[2][i])
	}
	return p, nil
}

// entries are 16-bit words, or bytes where there are only as many bytes as entries.
func entries(data []byte, n int, order binary.ByteOrder) ([]int32, error) {
	out := make([]int32, n)
	switch len(data) {
	case 2 * n:
		for i := range out {
			out[i] = int32(order.Uint16(data[2*i:]))
		}
	case n, n + n%2:
		for i := range out {
			out[i] = int32(data[i])
		}
	case 0:
		return nil, errors.New("is missing or empty")
	default:
		return nil, fmt.Errorf("has %d bytes for %d entries", len(data), n)
	}
	return out, nil
}

// isTable tells the data of a palette.
func isTable(t tag.Tag) bool {
	for _, e := range paletteTables {
		if t == e[1] || t == e[2] {
			return true
		}
	}
	return false
}
