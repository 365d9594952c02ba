package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// JPEG 2000's markers (ITU-T T.800, table A.2).
const (
	markSOC = 0xff4f
	markSIZ = 0xff51
	markCOD = 0xff52
	markCOC = 0xff53
	markSOT = 0xff90
	markSOD = 0xff93
	markEOC = 0xffd9
)

// decode2000 decodes JPEG 2000, with HTJ2K, by OpenJPEG. That makes its buffers by
// what a stream claims, so the claims are held against the stream's length first.
// OpenJPEG undoes the colour transform.
func decode2000(data []byte, f Frame) (Picture, error) {
	data, err := codestream(data)
	if err != nil {
		return Picture{}, err
	}
	if err := f.likely(data); err != nil {
		return Picture{}, err
	}
	if err := check2000(data, f); err != nil {
		return Picture{}, err
	}
	out := make([]int32, f.size())
	if err := openjpeg(data, f, out); err != nil {
		return Picture{}, err
	}
	return Picture{Samples: f.Samples, Values: out}, nil
}

// codestream gives the codestream in a frame. It should be bare (PS3.5, A.4.4);
// some writers leave it in its JP2 file.
func codestream(data []byte) ([]byte, error) {
	if len(data) >= 2 && binary.BigEndian.Uint16(data) == markSOC {
		return data, nil
	}
	for len(data) >= 8 {
		n, head := uint64(binary.BigEndian.Uint32(data)), uint64(8)
		if n == 1 && len(data) >= 16 {
			n, head = binary.BigEndian.Uint64(data[8:]), 16
		}
		if n == 0 {
			n = uint64(len(data))
		}
		if n < head || n > uint64(len(data)) {
			break
		}
		if string(data[4:8]) == "jp2c" {
			return codestream(data[head:n])
		}
		data = data[n:]
	}
	return nil, errors.New("holds no JPEG 2000 codestream")
}

// size2000 is what the SIZ segment declares.
type size2000 struct {
	x0, y0, x1, y1         int64 // the picture on the reference grid
	tileX0, tileY0         int64
	tileWidth, tileHeight  int64
	components             int
	tilesAcross, tilesDown int64
}

// check2000 walks over all segments and refuses what the frame's header
// contradicts, and more tiles or packets than there are bytes.
func check2000(data []byte, f Frame) error {
	size, rest, err := readSIZ(data, f)
	if err != nil {
		return err
	}
	return walk2000(rest, func(marker int, body []byte) error {
		if marker == markCOD && len(body) >= 10 {
			// Scod, then progression, layers, transform; levels at 5.
			return size.packets(body[0]&1 == 1, body[5:], int64(binary.BigEndian.Uint16(body[2:])), int64(len(data)))
		}
		if wide := 1 + size.components/257; marker == markCOC && len(body) >= wide+6 {
			return size.packets(body[wide]&1 == 1, body[wide+1:], 1, int64(len(data)))
		}
		return nil
	})
}

func readSIZ(data []byte, f Frame) (s size2000, rest []byte, err error) {
	if len(data) < 4+38+3 || binary.BigEndian.Uint16(data[2:]) != markSIZ {
		return s, nil, errors.New("has no SIZ segment")
	}
	at := func(i int) int64 { return int64(binary.BigEndian.Uint32(data[i:])) }
	length := int(binary.BigEndian.Uint16(data[4:]))
	s = size2000{
		x1: at(8), y1: at(12), x0: at(16), y0: at(20), tileWidth: at(24), tileHeight: at(28), tileX0: at(32), tileY0: at(36),
		components: int(binary.BigEndian.Uint16(data[40:])),
	}
	if length != 38+3*s.components || len(data) < 4+length || s.x1 <= s.x0 || s.y1 <= s.y0 || s.tileWidth < 1 || s.tileHeight < 1 ||
		s.tileX0 > s.x0 || s.tileY0 > s.y0 {
		return s, nil, errors.New("has a broken SIZ segment")
	}
	if err := f.matches(int(s.y1-s.y0), int(s.x1-s.x0), s.components); err != nil {
		return s, nil, err
	}
	for _, b := range [][]byte{data[42:], data[45:], data[48:]}[:min(3, s.components)] {
		if b[1] != 1 || b[2] != 1 {
			return s, nil, errors.New("has samples of different sizes, which is not read")
		}
	}
	s.tilesAcross, s.tilesDown = (s.x1-s.tileX0+s.tileWidth-1)/s.tileWidth, (s.y1-s.tileY0+s.tileHeight-1)/s.tileHeight
	// A tile-part's header alone is 14 bytes.
	if s.tilesAcross*s.tilesDown > 1+int64(len(data))/14 {
		return s, nil, fmt.Errorf("claims %d × %d tiles in %d bytes", s.tilesAcross, s.tilesDown, len(data))
	}
	return s, data[4+length:], nil
}

// packets refuses a coding style (levels, code-block width, height, style,
// transform, precinct sizes) that has more packets than there are bytes: each
// takes one or more.
func (s size2000) packets(precincts bool, style []byte, layers, limit int64) error {
	levels := int(style[0])
	if levels > 32 || precincts && len(style) < 5+levels+1 {
		return errors.New("has a broken coding style")
	}
	packets := int64(0)
	for r := 0; r <= levels; r++ {
		down := levels - r
		wide, high := 15, 15 // exponents where none are given
		if precincts {
			wide, high = int(style[5+r]&15), int(style[5+r]>>4)
		}
		along := func(pixels, tile int64, exponent int) int64 {
			n := min(pixels, tile)>>(down+exponent) + 1
			return n * ((pixels + tile - 1) / tile)
		}
		packets += along(s.x1-s.x0, s.tileWidth, wide) * along(s.y1-s.y0, s.tileHeight, high)
	}
	if packets*layers*int64(s.components) > 8*limit+1024 {
		return fmt.Errorf("claims %d packets in %d bytes", packets*layers*int64(s.components), limit)
	}
	return nil
}

// walk2000 shows the segments of the main header and of those of all tile-parts.
func walk2000(data []byte, show func(marker int, body []byte) error) error {
	var next []byte // what follows the tile-part
	for len(data) >= 4 {
		marker, n := int(binary.BigEndian.Uint16(data)), int(binary.BigEndian.Uint16(data[2:]))
		switch {
		case marker == markEOC:
			return nil
		case marker == markSOD:
			data, next = next, nil // so that it gets shorter
			continue
		case marker < 0xff00 || n < 2 || n > len(data)-2:
			return fmt.Errorf("has a broken segment %#04x", marker)
		}
		body := data[4 : 2+n]
		if marker == markSOT {
			part, ok := tilePart(data, body)
			if !ok {
				return errors.New("is cut off within a tile")
			}
			next = part
		} else if err := show(marker, body); err != nil {
			return err
		}
		data = data[2+n:]
	}
	return nil
}

// tilePart gives what follows the tile-part that data begins with; a length of 0
// reaches to the end.
func tilePart(data, sot []byte) (after []byte, ok bool) {
	if len(sot) != 8 {
		return nil, false
	}
	length := int64(binary.BigEndian.Uint32(sot[2:]))
	if length == 0 {
		return nil, true
	}
	if length < 12 || length > int64(len(data)) {
		return nil, false
	}
	return data[length:], true
}
