package raster

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// The tags of TIFF 6.0 that are read here. Of the orientation, which Exif has too, 1 says that
// rows begin at the top left.
const (
	compressionTag = 0x0103
	fillOrderTag   = 0x010a
	orientationTag = 0x0112
	samplesTag     = 0x0115
	planarTag      = 0x011c
)

// tags reads what decoders of images leave out: whether the picture is to be turned or
// mirrored before it is shown, and whether further pages follow it.
func (h *Header) tags(data []byte) {
	if h.Format == "jpeg" {
		h.Orientation = directoryOf(exif(data)).orientation()
	}
	if h.Format == "tiff" {
		d := directoryOf(data)
		h.Orientation, h.Paged = d.orientation(), d.followed
	}
}

// unread says which layouts of a TIFF file the decoder overlooks, and would read as others.
func unread(data []byte) error {
	switch d := directoryOf(data); {
	case d.says[planarTag] == 2 && d.says[samplesTag] > 1:
		return errors.New("its colours are stored one after the other (PlanarConfiguration 2); store them pixel by pixel")
	case d.says[fillOrderTag] == 2 && d.says[compressionTag] <= 1:
		return errors.New("the bits of its bytes stand in reverse (FillOrder 2); store it without that")
	}
	return nil
}

// exif finds the Exif block of a JPEG file, which is laid out as a TIFF file; nil where there
// is none.
func exif(data []byte) []byte {
	const start, app1, scan = 0xff, 0xe1, 0xda
	for at := 2; at+4 <= len(data) && data[at] == start && data[at+1] != scan; {
		length := int(binary.BigEndian.Uint16(data[at+2:]))
		end := at + 2 + length
		if length < 2 || end > len(data) {
			return nil
		}
		if block, is := bytes.CutPrefix(data[at+4:end], []byte("Exif\x00\x00")); is && data[at+1] == app1 {
			return block
		}
		at = end
	}
	return nil
}

// directory is what the first directory of a TIFF file says, of numbers that take two bytes
// at most.
type directory struct {
	says     map[uint16]int // by tag
	followed bool           // further directories follow
}

func (d directory) orientation() int {
	if v := d.says[orientationTag]; v <= 8 {
		return v
	}
	return 0
}

func directoryOf(data []byte) (d directory) {
	const header, entry, short = 8, 12, 3
	if len(data) < header {
		return d
	}
	var order binary.ByteOrder = binary.LittleEndian
	if data[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(data[4:]))
	if at+2 > int64(len(data)) {
		return d
	}
	n := int64(order.Uint16(data[at:]))
	end := at + 2 + n*entry
	if end > int64(len(data)) {
		return d
	}
	d.says = map[uint16]int{}
	for i := at + 2; i < end; i += entry {
		if order.Uint16(data[i+2:]) == short {
			d.says[order.Uint16(data[i:])] = int(order.Uint16(data[i+8:]))
		}
	}
	d.followed = end+4 <= int64(len(data)) && order.Uint32(data[end:]) != 0
	return d
}
