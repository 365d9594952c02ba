package dicom

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// segmented expands a segmented palette (PS3.3, C.7.9.2): segments of single entries,
// of entries on a line, and of segments that stand elsewhere in the table.
type segmented struct {
	data  []byte
	order binary.ByteOrder
	bits  int // of an entry, and so of a segment's type and length: 8 or 16
	most  int // entries that the descriptor speaks of
	out   []int32
}

func expand(data []byte, order binary.ByteOrder, bits, entries int) ([]int32, error) {
	s := segmented{data: data, order: order, bits: bits, most: entries}
	if err := s.segments(0, math.MaxInt, true); err != nil {
		return nil, err
	}
	if len(s.out) != entries {
		return nil, fmt.Errorf("expands to %d entries, its descriptor says %d", len(s.out), entries)
	}
	return s.out, nil
}

var errCut = errors.New("is cut off within a segment")

// segments expands up to a number of segments from a place on, in entries' units. A
// single entry at the end pads the table.
func (s *segmented) segments(at, count int, indirect bool) (err error) {
	for ; count > 0 && at+1 < s.units(); count-- {
		if len(s.out) > s.most {
			return fmt.Errorf("expands to more than the %d entries of its descriptor", s.most)
		}
		kind, length := s.unit(at), s.unit(at+1)
		at += 2
		switch {
		case kind == 0:
			at, err = s.discrete(at, length)
		case kind == 1:
			at, err = s.line(at, length)
		case kind == 2 && indirect:
			at, err = s.elsewhere(at, length)
		default:
			err = fmt.Errorf("has a segment of type %d where that cannot be", kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *segmented) units() int { return len(s.data) * 8 / s.bits }

func (s *segmented) unit(i int) int {
	if s.bits == 8 {
		return int(s.data[i])
	}
	return int(s.order.Uint16(s.data[2*i:]))
}

func (s *segmented) discrete(at, length int) (next int, err error) {
	if at+length > s.units() {
		return 0, errCut
	}
	for i := range length {
		s.out = append(s.out, int32(s.unit(at+i)))
	}
	return at + length, nil
}

// line leads from the last entry to another; halves are rounded to even.
func (s *segmented) line(at, length int) (next int, err error) {
	if at >= s.units() {
		return 0, errCut
	}
	if len(s.out) == 0 {
		return 0, errors.New("begins with a line, which has nowhere to begin")
	}
	from, to := float64(s.out[len(s.out)-1]), float64(s.unit(at))
	for i := range length {
		s.out = append(s.out, int32(math.RoundToEven(from+(to-from)*float64(i+1)/float64(length))))
	}
	return at + 1, nil
}

// elsewhere expands segments that an offset in bytes leads to, its lower half first.
func (s *segmented) elsewhere(at, count int) (next int, err error) {
	words := 2 * 16 / s.bits // units of the offset
	if at+words > s.units() {
		return 0, errCut
	}
	raw := s.data[at*s.bits/8:]
	offset := int(s.order.Uint16(raw)) | int(s.order.Uint16(raw[2:]))<<16
	if offset >= len(s.data) || offset*8%s.bits != 0 {
		return 0, fmt.Errorf("has a segment that leads to byte %d of %d", offset, len(s.data))
	}
	return at + words, s.segments(offset*8/s.bits, count, false)
}
