package raster

import (
	"bytes"
	"encoding/binary"
)

// orientationTag is that of TIFF 6.0 and of Exif: 1 says that rows begin at the top left.
const orientationTag = 0x0112

// tags reads what decoders of images leave out: whether the picture is to be turned or
// mirrored before it is shown, and whether further pages follow it.
func (h *Header) tags(data []byte) {
	if h.Format == "jpeg" {
		h.Orientation, _ = directory(exif(data))
	}
	if h.Format == "tiff" {
		h.Orientation, h.Paged = directory(data)
	}
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

// directory reads the first directory of a TIFF file.
func directory(data []byte) (orientation int, followed bool) {
	const header, entry = 8, 12
	if len(data) < header {
		return 0, false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if data[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(data[4:]))
	if at+2 > int64(len(data)) {
		return 0, false
	}
	n := int64(order.Uint16(data[at:]))
	end := at + 2 + n*entry
	if end > int64(len(data)) {
		return 0, false
	}
	for i := at + 2; i < end; i += entry {
		if order.Uint16(data[i:]) == orientationTag {
			if value := order.Uint16(data[i+8:]); value <= 8 {
				orientation = int(value)
			}
		}
	}
	return orientation, end+4 <= int64(len(data)) && order.Uint32(data[end:]) != 0
}
