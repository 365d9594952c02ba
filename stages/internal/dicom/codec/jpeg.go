package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	stdjpeg "image/jpeg"

	"vertebra/stages/internal/chroma"
)

// JPEG's markers (ITU-T T.81, table B.1).
const (
	markSOF0 = 0xc0 // baseline
	markSOF1 = 0xc1 // extended sequential
	markSOF2 = 0xc2 // progressive
	markSOF3 = 0xc3 // lossless
	markDHT  = 0xc4
	markRST0 = 0xd0
	markRST7 = 0xd7
	markSOI  = 0xd8
	markEOI  = 0xd9
	markSOS  = 0xda
	markDQT  = 0xdb
	markDRI  = 0xdd

	markAPP0  = 0xe0 // JFIF
	markAPP14 = 0xee // Adobe
)

// decodeJPEG decodes by what the stream is, not by what the transfer syntax says
// that it is: some writers mix the two up.
func decodeJPEG(data []byte, f Frame) (Picture, error) {
	s := stream{data: data}
	if err := s.header(); err != nil {
		return Picture{}, err
	}
	if err := f.matches(s.rows, s.columns, len(s.components)); err != nil {
		return Picture{}, err
	}
	switch {
	case s.sof == markSOF3:
		return s.lossless(f)
	case s.sof <= markSOF2 && s.precision == 8:
		f.RGB = f.RGB && !s.told
		return standardJPEG(data, f)
	case s.sof <= markSOF1 && s.precision == 12:
		return s.twelve(f)
	}
	return Picture{}, fmt.Errorf("JPEG process SOF%d with %d bits is not read", s.sof-markSOF0, s.precision)
}

// standardJPEG decodes 8 bits with the standard library. Of YCbCr, which it tells
// from RGB by Adobe's marker and the component names, only Y is taken: that is the
// grey picture. Where the stream tells nothing, the header counts, as for DCMTK and
// pydicom; but nobody leaves out every second red. Where colours are wanted, it gives those.
func standardJPEG(data []byte, f Frame) (Picture, error) {
	// A bit for each block of 64 values is the least that DCT coding can do.
	if err := f.justified(data, 512); err != nil {
		return Picture{}, err
	}
	img, err := stdjpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return Picture{}, err
	}
	n := f.Rows * f.Columns
	switch img := img.(type) {
	case *image.Gray:
		return grey(img.Pix, img.Stride, f), nil
	case *image.YCbCr:
		if f.RGB && img.SubsampleRatio == image.YCbCrSubsampleRatio444 {
			return planes([3][]byte{img.Y, img.Cb, img.Cr}, img.YStride, f), nil
		}
		if f.Colours {
			out := make([]int32, 3*n)
			chroma.JPEG(img, func(at int, r, g, b uint8) { out[3*at], out[3*at+1], out[3*at+2] = int32(r), int32(g), int32(b) })
			return Picture{Samples: 3, Values: out, RGB: true}, nil
		}
		return grey(img.Y, img.YStride, f), nil
	case *image.RGBA:
		out := make([]int32, 0, 3*n)
		for y := range f.Rows {
			for x := range f.Columns {
				for _, v := range img.Pix[y*img.Stride+4*x:][:3] {
					out = append(out, int32(v))
				}
			}
		}
		return Picture{Samples: 3, Values: out, RGB: true}, nil
	}
	return Picture{}, fmt.Errorf("a picture of type %T is not read", img)
}

func grey(pixels []byte, stride int, f Frame) Picture {
	out := make([]int32, 0, f.Rows*f.Columns)
	for y := range f.Rows {
		for _, v := range pixels[y*stride:][:f.Columns] {
			out = append(out, int32(v))
		}
	}
	return Picture{Samples: 1, Values: out}
}

// planes puts the three samples of a pixel side by side.
func planes(p [3][]byte, stride int, f Frame) Picture {
	out := make([]int32, 0, 3*f.Rows*f.Columns)
	for y := range f.Rows {
		for x := range f.Columns {
			for _, plane := range p {
				out = append(out, int32(plane[y*stride+x]))
			}
		}
	}
	return Picture{Samples: 3, Values: out, RGB: true}
}

// stream walks over the segments of a JPEG stream and keeps what they declare.
type stream struct {
	data          []byte // what has not been read
	sof           int    // marker of the frame header
	precision     int    // bits of a value
	rows, columns int
	components    []component
	dc, ac        [4]*huffman
	quant         [4]*[64]int32 // in zigzag order
	interval      int           // MCUs between restart markers; 0: none
	told          bool          // JFIF's or Adobe's marker says what the components are
}

type component struct {
	id, quant int
	h, v      int // sampling factors
	done      bool
}

// scanHeader is what a start-of-scan segment declares.
type scanHeader struct {
	components []scanComponent
	predictor  int // Ss: of lossless JPEG; NEAR of JPEG-LS
	interleave int // Se: ILV of JPEG-LS
	shift      int // Al: low bits that were dropped before coding
}

type scanComponent struct{ index, dc, ac int }

// header reads up to the frame header.
func (s *stream) header() error {
	if len(s.data) < 2 || s.data[0] != 0xff || s.data[1] != markSOI {
		return errors.New("does not begin with JPEG's start marker")
	}
	s.data = s.data[2:]
	for s.sof == 0 {
		marker, body, err := s.segment()
		if err != nil {
			return err
		}
		if marker == markSOS || marker == markEOI {
			return errors.New("has no frame header before its first scan")
		}
		if err := s.declare(marker, body); err != nil {
			return err
		}
	}
	return nil
}

// scan reads on to the next scan's header; ok is false at the end of the image.
func (s *stream) scan() (h scanHeader, ok bool, err error) {
	for {
		marker, body, err := s.segment()
		switch {
		case err != nil:
			return h, false, err
		case marker == markEOI:
			return h, false, nil
		case marker == markSOS:
			h, err = s.scanHeader(body)
			return h, err == nil, err
		}
		if err := s.declare(marker, body); err != nil {
			return h, false, err
		}
	}
}

// segment takes the next marker segment.
func (s *stream) segment() (marker int, body []byte, err error) {
	for len(s.data) >= 2 && s.data[0] == 0xff && s.data[1] == 0xff { // fill bytes
		s.data = s.data[1:]
	}
	if len(s.data) < 2 {
		return 0, nil, errors.New("ends before its end marker")
	}
	if s.data[0] != 0xff || s.data[1] == 0 {
		return 0, nil, fmt.Errorf("has %#02x%02x where a marker must be", s.data[0], s.data[1])
	}
	marker = int(s.data[1])
	s.data = s.data[2:]
	if marker == markEOI || marker >= markRST0 && marker <= markRST7 {
		return marker, nil, nil
	}
	if len(s.data) < 2 {
		return 0, nil, errors.New("ends within a segment")
	}
	n := int(binary.BigEndian.Uint16(s.data))
	if n < 2 || n > len(s.data) {
		return 0, nil, fmt.Errorf("segment %#02x claims %d bytes, %d are left", marker, n, len(s.data))
	}
	body, s.data = s.data[2:n], s.data[n:]
	return marker, body, nil
}

// declare keeps what a segment says. Those it does not know hold no pixels.
func (s *stream) declare(marker int, body []byte) error {
	switch marker {
	case markDHT:
		return s.huffmanTables(body)
	case markDQT:
		return s.quantTables(body)
	case markDRI:
		if len(body) != 2 {
			return errors.New("has a broken restart interval")
		}
		s.interval = int(binary.BigEndian.Uint16(body))
		return nil
	case markAPP0, markAPP14:
		s.told = s.told || bytes.HasPrefix(body, []byte("JFIF\x00")) || len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")) // a shorter one says nothing
	}
	if marker >= markSOF0 && marker <= 0xcf && marker != 0xc8 && marker != 0xcc {
		if s.sof != 0 {
			return errors.New("has two frame headers")
		}
		return s.frame(marker, body)
	}
	return nil
}

func (s *stream) frame(marker int, body []byte) error {
	if len(body) < 6 || len(body) != 6+3*int(body[5]) || body[5] == 0 {
		return errors.New("has a broken frame header")
	}
	s.sof, s.precision = marker, int(body[0])
	s.rows, s.columns = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	for b := body[6:]; len(b) > 0; b = b[3:] {
		s.components = append(s.components, component{id: int(b[0]), h: int(b[1] >> 4), v: int(b[1] & 15), quant: int(b[2])})
	}
	return nil
}

func (s *stream) scanHeader(body []byte) (scanHeader, error) {
	broken := errors.New("has a broken scan header")
	if len(body) < 1 || len(body) != 4+2*int(body[0]) || body[0] == 0 {
		return scanHeader{}, broken
	}
	var h scanHeader
	for b := body[1 : len(body)-3]; len(b) > 0; b = b[2:] {
		c := scanComponent{index: -1, dc: int(b[1] >> 4), ac: int(b[1] & 15)}
		for i := range s.components {
			if s.components[i].id == int(b[0]) && !s.components[i].done {
				s.components[i].done, c.index = true, i
				break
			}
		}
		if c.index < 0 || c.dc > 3 || c.ac > 3 {
			return scanHeader{}, broken
		}
		h.components = append(h.components, c)
	}
	h.predictor, h.interleave, h.shift = int(body[len(body)-3]), int(body[len(body)-2]), int(body[len(body)-1]&15)
	return h, nil
}

func (s *stream) quantTables(b []byte) error {
	for len(b) > 0 {
		wide, id := int(b[0]>>4), int(b[0]&15)
		n := 64 * (1 + wide)
		if wide > 1 || id > 3 || len(b) < 1+n {
			return errors.New("has a broken quantization table")
		}
		t := new([64]int32)
		for i := range t {
			if wide == 1 {
				t[i] = int32(binary.BigEndian.Uint16(b[1+2*i:]))
			} else {
				t[i] = int32(b[1+i])
			}
		}
		s.quant[id], b = t, b[1+n:]
	}
	return nil
}
