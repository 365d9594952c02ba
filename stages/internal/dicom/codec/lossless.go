package codec

import (
	"errors"
	"fmt"
)

// lossless decodes JPEG's lossless process (T.81, annex H): each value is
// predicted from its neighbours, and the difference is coded.
func (s *stream) lossless(f Frame) (Picture, error) {
	if s.precision < 2 || s.precision > 16 {
		return Picture{}, fmt.Errorf("has %d bits; want 2 to 16", s.precision)
	}
	// No code is shorter than a bit.
	if err := f.justified(s.data, 8); err != nil {
		return Picture{}, err
	}
	for _, c := range s.components {
		if c.h != s.components[0].h || c.v != s.components[0].v {
			return Picture{}, errors.New("has components of different sizes, which is not read")
		}
	}
	out := make([]int32, f.size())
	for missing := f.Samples; missing > 0; {
		h, ok, err := s.scan()
		if err != nil {
			return Picture{}, err
		}
		if !ok {
			return Picture{}, fmt.Errorf("lacks the scans of %d components", missing)
		}
		if err := s.losslessScan(h, f, out); err != nil {
			return Picture{}, err
		}
		missing -= len(h.components)
	}
	return Picture{Samples: f.Samples, Values: out}, nil
}

// losslessScan decodes the components of one scan.
func (s *stream) losslessScan(h scanHeader, f Frame, out []int32) error {
	if h.predictor < 1 || h.predictor > 7 || h.shift >= s.precision {
		return fmt.Errorf("has predictor %d and point transform %d", h.predictor, h.shift)
	}
	if s.interval%f.Columns != 0 {
		return fmt.Errorf("has a restart interval of %d, no whole number of rows", s.interval)
	}
	for _, c := range h.components {
		if s.dc[c.dc] == nil {
			return errors.New("uses a Huffman table that is not there")
		}
	}
	in := bitReader{data: s.data}
	fresh := true // the row has none above it to predict from
	for y := range f.Rows {
		if s.interval > 0 && y > 0 && y%(s.interval/f.Columns) == 0 {
			if err := in.restart(); err != nil {
				return err
			}
			fresh = true
		}
		if err := s.losslessRow(&in, h, out[y*f.Columns*f.Samples:], lineBefore(out, y, f, fresh), f); err != nil {
			return err
		}
		fresh = false
	}
	s.data = toMarker(in.data)
	if h.shift > 0 {
		for _, c := range h.components {
			for i := c.index; i < len(out); i += f.Samples {
				out[i] <<= h.shift
			}
		}
	}
	return nil
}

// toMarker passes over what is left of a scan.
func toMarker(b []byte) []byte {
	for len(b) > 1 && (b[0] != 0xff || b[1] == 0) {
		b = b[1:]
	}
	return b
}

func lineBefore(out []int32, y int, f Frame, fresh bool) []int32 {
	if fresh {
		return nil
	}
	return out[(y-1)*f.Columns*f.Samples:]
}

// losslessRow decodes one row of all components; above is nil in the first row
// and behind a restart marker.
func (s *stream) losslessRow(in *bitReader, h scanHeader, row, above []int32, f Frame) error {
	start := int32(1) << (s.precision - h.shift - 1)
	for x := range f.Columns {
		for _, c := range h.components {
			i := x*f.Samples + c.index
			var guess int32
			switch {
			case x == 0 && above == nil:
				guess = start
			case x == 0:
				guess = above[i]
			case above == nil:
				guess = row[i-f.Samples]
			default:
				guess = predict(h.predictor, row[i-f.Samples], above[i], above[i-f.Samples])
			}
			n, err := in.symbol(s.dc[c.dc])
			if err != nil {
				return err
			}
			switch {
			case n < 16:
				guess += in.value(int(n))
			case n == 16:
				guess += 1 << 15
			default:
				return errCode
			}
			row[i] = guess & 0xffff // differences are modulo 2^16
		}
	}
	if in.short() {
		return errShort
	}
	return nil
}

// predict is T.81's table H.1: a is to the left, b above, c above to the left.
func predict(selection int, a, b, c int32) int32 {
	switch selection {
	case 1:
		return a
	case 2:
		return b
	case 3:
		return c
	case 4:
		return a + b - c
	case 5:
		return a + (b-c)>>1
	case 6:
		return b + (a-c)>>1
	}
	return (a + b) >> 1
}
