package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// JPEG-LS's own markers (ITU-T T.87, table C.1).
const (
	markSOF55 = 0xf7
	markLSE   = 0xf8
)

// decodeLS decodes JPEG-LS, lossless and near-lossless (ITU-T T.87).
func decodeLS(data []byte, f Frame) (Picture, error) {
	s := stream{data: data}
	if len(data) < 2 || data[0] != 0xff || data[1] != markSOI {
		return Picture{}, errors.New("does not begin with JPEG's start marker")
	}
	if err := f.likely(data); err != nil {
		return Picture{}, err
	}
	s.data = data[2:]
	var preset [5]int
	var out []int32
	for missing := f.Samples; missing > 0; {
		marker, body, err := s.segment()
		switch {
		case err != nil:
			return Picture{}, err
		case marker == markEOI:
			return Picture{}, fmt.Errorf("lacks the scans of %d components", missing)
		case marker == markSOF55 && s.sof == 0:
			if err := s.lsFrame(body, f); err != nil {
				return Picture{}, err
			}
			out = make([]int32, f.size())
		case marker == markLSE:
			if preset, err = lsPreset(body); err != nil {
				return Picture{}, err
			}
		case marker == markDRI && len(body) >= 2 && binary.BigEndian.Uint32(append([]byte{0, 0}, body...)) != 0:
			return Picture{}, errors.New("has restart markers, which are not read")
		case marker == markSOS && out != nil:
			n, err := s.lsScan(body, preset, f, out)
			if err != nil {
				return Picture{}, err
			}
			missing -= n
		case marker == markSOS:
			return Picture{}, errors.New("has no frame header before its first scan")
		}
	}
	return Picture{Samples: f.Samples, Values: out}, nil
}

// lsFrame reads the frame header, which has to be that of the frame.
func (s *stream) lsFrame(body []byte, f Frame) error {
	if err := s.frame(markSOF55, body); err != nil {
		return err
	}
	if err := f.matches(s.rows, s.columns, len(s.components)); err != nil {
		return err
	}
	if s.precision < 2 || s.precision > 16 {
		return fmt.Errorf("has %d bits; want 2 to 16", s.precision)
	}
	return nil
}

// lsPreset reads MAXVAL, T1, T2, T3 and RESET; 0 stands for the default.
func lsPreset(body []byte) (preset [5]int, err error) {
	if len(body) != 11 || body[0] != 1 {
		return preset, errors.New("has preset parameters that are not read")
	}
	for i := range preset {
		preset[i] = int(binary.BigEndian.Uint16(body[1+2*i:]))
	}
	return preset, nil
}

// lsScan decodes a scan and tells how many components it has.
func (s *stream) lsScan(body []byte, preset [5]int, f Frame, out []int32) (int, error) {
	h, err := s.scanHeader(body)
	if err != nil {
		return 0, err
	}
	if h.shift != 0 || h.interleave > 2 || h.interleave == 0 && len(h.components) != 1 {
		return 0, fmt.Errorf("has interleave mode %d and point transform %d", h.interleave, h.shift)
	}
	for _, c := range h.components {
		if c.dc|c.ac != 0 {
			return 0, errors.New("has a table of colours, which is not read")
		}
	}
	d, err := newLS(s.precision, h.predictor, preset)
	if err != nil {
		return 0, err
	}
	d.in = lsBits{data: s.data}
	lines := newLines(f.Columns, len(h.components))
	for y := range f.Rows {
		if h.interleave == 2 {
			err = d.together(lines)
		} else {
			err = d.separate(lines)
		}
		if err != nil {
			return 0, err
		}
		for i, c := range h.components {
			for x, v := range lines[i].now[1 : f.Columns+1] {
				out[(y*f.Columns+x)*f.Samples+c.index] = v
			}
		}
	}
	s.data = toLSMarker(d.in.data)
	return len(h.components), nil
}

// toLSMarker passes over what is left of a scan: in one, 0xff is followed by a
// byte below 0x80.
func toLSMarker(b []byte) []byte {
	for len(b) > 1 && (b[0] != 0xff || b[1] < 0x80) {
		b = b[1:]
	}
	return b
}

// lsLine holds a line of a component and the one above; a value more on each side.
type lsLine struct {
	above, now []int32
	run        int // RUNindex
}

func newLines(columns, components int) []lsLine {
	lines := make([]lsLine, components)
	for i := range lines {
		lines[i].above, lines[i].now = make([]int32, columns+2), make([]int32, columns+2)
	}
	return lines
}

// next makes the line that was decoded the one above (T.87, A.2.1).
func (l *lsLine) next() {
	l.above, l.now = l.now, l.above
	last := len(l.above) - 1
	l.above[last] = l.above[last-1]
	l.now[0] = l.above[1]
}

// separate decodes the next line of each component, one after the other.
func (d *ls) separate(lines []lsLine) error {
	for i := range lines {
		l := &lines[i]
		l.next()
		for x := 1; x < len(l.now)-1; {
			if !d.flat(l, x) {
				v, err := d.regular(l, x)
				if err != nil {
					return err
				}
				l.now[x] = v
				x++
				continue
			}
			n, whole, err := d.runLength(&l.run, len(l.now)-1-x)
			if err != nil {
				return err
			}
			for end := x + n; x < end; x++ {
				l.now[x] = l.now[x-1]
			}
			if whole {
				break
			}
			if l.now[x], err = d.interruption(l.now[x-1], l.above[x], l.run, true); err != nil {
				return err
			}
			l.run = max(0, l.run-1)
			x++
		}
	}
	return d.in.err()
}

// together decodes the next line of all components, pixel by pixel. They are in
// run mode together, and a run of them has no second kind of interruption.
func (d *ls) together(lines []lsLine) error {
	for i := range lines {
		lines[i].next()
	}
	width := len(lines[0].now) - 1
	for x := 1; x < width; {
		flat := true
		for i := range lines {
			flat = flat && d.flat(&lines[i], x)
		}
		if flat {
			n, whole, err := d.runLength(&lines[0].run, width-x)
			if err != nil {
				return err
			}
			for i := range lines {
				for k := x; k < x+n; k++ {
					lines[i].now[k] = lines[i].now[k-1]
				}
			}
			if x += n; whole {
				break
			}
		}
		for i := range lines {
			l, err := &lines[i], error(nil)
			if flat {
				l.now[x], err = d.interruption(l.now[x-1], l.above[x], lines[0].run, false)
			} else {
				l.now[x], err = d.regular(l, x)
			}
			if err != nil {
				return err
			}
		}
		if flat {
			lines[0].run = max(0, lines[0].run-1)
		}
		x++
	}
	return d.in.err()
}
