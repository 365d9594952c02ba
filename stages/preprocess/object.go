package preprocess

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/kernel"
)

// A stored result is the length of its description, the description as JSON, the
// numbers. Numbers are little endian, in the smallest type that holds them exactly;
// where that would take 32 bits, they are rounded to 16 (by at most a 131,000th of
// what lies between the smallest and the largest), and the steps that follow see what
// was rounded, so that a result is the same with a cache and without. That it is
// whole, the pack says.

// description is what a stored picture says of itself.
type description struct {
	Channels, Width, Height int
	Type                    string  // "level", "uint16", "int16", "scaled", "float32"
	Low, Step               float32 `json:",omitempty"` // of scaled: number n means Low + n·Step
	Spacing                 [2]float64
	Map                     Map
	Shown                   dicom.Shown `json:",omitzero"`
	Order                   Order
	Warnings                []string `json:",omitempty"`
}

// storage is the type that a picture is stored in, once that is decided.
type storage struct {
	kind      string
	low, step float32
}

// settle decides how the picture is stored.
func (p *Picture) settle() {
	if p.storage.kind != "" {
		return
	}
	if p.storage.kind = smallest(p.Pixels); p.storage.kind != "float32" || !kernel.Numbers(p.Pixels) {
		return
	}
	low, high := kernel.Range(p.Pixels)
	if step := (high - low) / 65535; step > 0 && !math.IsInf(float64(step), 0) {
		p.storage = storage{"scaled", low, step}
	}
}

// encodePicture makes the record of a stored result, in memory that is used if there
// is enough. The picture itself becomes what decodePicture will make of it.
func encodePicture(p *Picture, memory []byte) ([]byte, error) {
	p.settle()
	s := p.storage
	d := description{p.Channels, p.Width, p.Height, s.kind, s.low, s.step, [2]float64{p.RowSpacing, p.ColumnSpacing}, p.Map, p.Shown, p.Order, p.Warnings}
	out, err := beginRecord(d, memory)
	if err != nil {
		return nil, err
	}
	if s.kind != "scaled" {
		return append(out, packed(s.kind, p.Pixels)...), nil
	}
	from, n := len(out), 2*len(p.Pixels)
	out = slices.Grow(out, n)[:from+n]
	kernel.Pack(p.Pixels, s.low, s.step, out[from:])
	return out, nil
}

// beginRecord leaves room for the head of a record, and writes a description.
func beginRecord(d any, memory []byte) ([]byte, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	out := append(memory[:0], make([]byte, recordHead)...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(text))), text...), nil
}

// decodeObject takes them apart.
func decodeObject(data []byte, d any) (numbers []byte, err error) {
	if len(data) < 4 {
		return nil, errors.New("a stored result is empty")
	}
	n := binary.LittleEndian.Uint32(data)
	if uint64(n) > uint64(len(data)-4) {
		return nil, errors.New("a stored result is cut off")
	}
	return data[4+n:], json.Unmarshal(data[4:4+n], d)
}

// decodePicture fills a picture from the content of a stored result.
func decodePicture(data []byte, p *Picture) error {
	var d description
	numbers, err := decodeObject(data, &d)
	if err != nil {
		return err
	}
	size := sizes[d.Type]
	if size == 0 || d.Channels < 1 || d.Width < 1 || d.Height < 1 || d.Channels > 1<<20 || d.Width > 1<<20 || d.Height > 1<<20 ||
		len(numbers)%size != 0 || len(numbers)/size != d.Channels*d.Width*d.Height {
		return fmt.Errorf("a stored result has %d bytes for %d×%d×%d pixels of type %q", len(numbers), d.Channels, d.Height, d.Width, d.Type)
	}
	p.Channels, p.Width, p.Height, p.Map, p.Order = d.Channels, d.Width, d.Height, d.Map, d.Order
	p.RowSpacing, p.ColumnSpacing, p.Shown, p.Warnings = d.Spacing[0], d.Spacing[1], d.Shown, d.Warnings
	if d.Type == "scaled" {
		p.Pixels = p.spare.take(len(numbers) / 2)
		kernel.Unpack(numbers, d.Low, d.Step, p.Pixels)
		return nil
	}
	p.Pixels = unpacked(d.Type, numbers)
	return nil
}

// sizes are the bytes of one number.
var sizes = map[string]int{"level": 1, "uint16": 2, "int16": 2, "scaled": 2, "float32": 4}

// smallest is the smallest type that holds all numbers exactly; level is n/255.
func smallest(pixels []float32) string {
	level, whole := true, true
	low, high := float32(0), float32(0)
	for _, v := range pixels {
		if level && !(v >= 0 && v <= 1 && !math.Signbit(float64(v)) && float32(uint8(v*255+0.5))/255 == v) {
			level = false
		}
		if whole && !(v >= -32768 && v <= 65535 && float32(int32(v)) == v && !(v == 0 && math.Signbit(float64(v)))) {
			whole = false
		}
		if !level && !whole {
			return "float32"
		}
		low, high = min(low, v), max(high, v)
	}
	switch {
	case level:
		return "level"
	case low >= 0:
		return "uint16"
	case high <= 32767:
		return "int16"
	}
	return "float32"
}

func packed(kind string, pixels []float32) []byte {
	switch kind {
	case "level":
		out := make([]byte, len(pixels))
		for i, v := range pixels {
			out[i] = uint8(v*255 + 0.5)
		}
		return out
	case "uint16", "int16":
		out := make([]byte, 2*len(pixels))
		for i, v := range pixels {
			binary.LittleEndian.PutUint16(out[2*i:], uint16(int32(v)))
		}
		return out
	}
	out := make([]byte, 4*len(pixels))
	for i, v := range pixels {
		binary.LittleEndian.PutUint32(out[4*i:], math.Float32bits(v))
	}
	return out
}

func unpacked(kind string, numbers []byte) []float32 {
	switch kind {
	case "level":
		out := make([]float32, len(numbers))
		for i, n := range numbers {
			out[i] = float32(n) / 255
		}
		return out
	case "uint16", "int16":
		out := make([]float32, len(numbers)/2)
		for i := range out {
			n := binary.LittleEndian.Uint16(numbers[2*i:])
			if out[i] = float32(n); kind == "int16" {
				out[i] = float32(int16(n))
			}
		}
		return out
	}
	out := make([]float32, len(numbers)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(numbers[4*i:]))
	}
	return out
}

// counted is what a stored histogram says of itself besides its numbers: how many
// of the series' files cannot be read, and why the first cannot.
type counted struct {
	Values, Broken, Files int
	Type                  string
	First                 string `json:",omitempty"`
}

func encodeHistogram(h histogram, c counted) ([]byte, error) {
	c.Values, c.Type = len(h.Values), smallest(h.Values)
	numbers := make([]byte, 0, 8*len(h.Counts))
	for _, n := range h.Counts {
		numbers = binary.AppendUvarint(numbers, n)
	}
	out, err := beginRecord(c, nil)
	return append(append(out, packed(c.Type, h.Values)...), numbers...), err
}

func decodeHistogram(data []byte) (h histogram, c counted, err error) {
	numbers, err := decodeObject(data, &c)
	if err != nil {
		return h, c, err
	}
	size := sizes[c.Type]
	if c.Type == "scaled" || size == 0 || c.Values < 0 || c.Values > len(numbers)/size {
		return h, c, fmt.Errorf("a stored histogram has %d bytes for %d values", len(numbers), c.Values)
	}
	h.Values = unpacked(c.Type, numbers[:size*c.Values])
	for numbers = numbers[size*c.Values:]; len(h.Counts) < c.Values; {
		count, used := binary.Uvarint(numbers)
		if used <= 0 {
			return h, c, errors.New("a stored histogram is cut off")
		}
		h.Counts, numbers = append(h.Counts, count), numbers[used:]
	}
	return h, c, nil
}
