package dicom

import (
	"bytes"
	"encoding/binary"

	"github.com/suyashkumar/dicom/pkg/tag"

	"vertebra/stages/internal/dicom/codec"
	"vertebra/stages/internal/kernel"
)

// frame is one frame before it is made a grey picture.
type frame struct {
	h     Header
	shown Shown
	raw   []byte // of a native frame

	// Of a compressed frame:
	values  []int32 // the samples of a pixel side by side
	samples int
	rgb     bool
}

// blockSize is how many values are worked on at once, so that what lies between
// the steps stays in the processor's nearest cache. It is even.
const blockSize = 2048

// stored fills out with stored values as Stored has them.
func (f frame) stored(out []int32) {
	for from := 0; from < len(out); from += blockSize {
		f.block(from, out[from:min(from+blockSize, len(out))])
	}
}

// modality fills out with modality values.
func (f frame) modality(out []float32) {
	if w, plain := f.words(); plain {
		w.Floats(out)
		return
	}
	var block [blockSize]int32
	for from := 0; from < len(out); from += blockSize {
		values := block[:min(blockSize, len(out)-from)]
		f.block(from, values)
		f.h.rescale(values, out[from:])
	}
}

// words gives native 16-bit words that only have to be rescaled, as most files have
// them: one pass is then enough, or none before the next step. See extract.
func (f frame) words() (kernel.Words, bool) {
	h := f.h
	if f.samples != 0 || h.Samples != 1 || h.lookup.grey != nil || h.BitsAllocated != 16 || h.TransferSyntax == explicitBig {
		return kernel.Words{}, false
	}
	w := kernel.Words{
		Bytes: f.raw[:2*h.Rows*h.Columns], Up: 15 - h.HighBit, Down: 16 - h.BitsStored, Signed: h.Signed, Slope: h.Slope, Intercept: h.Intercept,
	}
	switch h.Photometric {
	case "MONOCHROME1": // low + high − v has all stored bits turned
		w.Flip = 0xffff
	case "MONOCHROME2":
	default:
		return kernel.Words{}, false
	}
	return w, true
}

// block gives the pixels from one on.
func (f frame) block(from int, out []int32) {
	h := f.h
	switch {
	case f.samples == 1:
		copy(out, f.values[from:])
		h.extract(out)
	case f.samples == 3:
		f.colours(out, func(pixel, sample int) int32 { return f.values[3*(from+pixel)+sample] })
	case h.Samples == 1:
		h.allocated(f.raw, from, out)
		h.extract(out)
	case h.Photometric == "YBR_FULL_422":
		// Y1 Y2 Cb Cr for two pixels.
		f.colours(out, func(pixel, _ int) int32 { i := from + pixel; return h.value(f.raw, i/2*4+i%2) })
	case h.Planar == 1:
		n := h.Rows * h.Columns
		f.colours(out, func(pixel, sample int) int32 { return h.value(f.raw, sample*n+from+pixel) })
	default:
		f.colours(out, func(pixel, sample int) int32 { return h.value(f.raw, 3*(from+pixel)+sample) })
	}
	switch h.Photometric {
	case "PALETTE COLOR":
		h.palette.look(out)
	case "MONOCHROME1", "MONOCHROME2":
		if h.lookup.grey != nil {
			h.lookup.look(out)
		}
		if h.Photometric == "MONOCHROME2" {
			break
		}
		low, high := h.grey().Range()
		for i, v := range out {
			out[i] = low + high - v
		}
	}
}

// extract takes the stored bits out of the allocated ones: those above HighBit
// may hold overlays, those below HighBit+1−BitsStored nothing. Then the sign is
// extended from the highest stored bit (PS3.5, 8.1.1).
func (h Header) extract(values []int32) {
	up, down := 31-h.HighBit, 32-h.BitsStored
	if h.Signed {
		for i, v := range values {
			values[i] = v << up >> down
		}
		return
	}
	for i, v := range values {
		values[i] = int32(uint32(v) << up >> down)
	}
}

// uncompressed gives the bytes of a native frame. Those of big-endian files lie in
// 16-bit words when their type is OW, so they are swapped in pairs, of which a frame
// of an odd size shares one with the next.
func (h Header) uncompressed(s *source, number int) ([]byte, error) {
	from, n := int64(number)*h.frameSize(), min(h.frameSize(), h.pixels.length)
	if h.TransferSyntax != explicitBig || h.BitsAllocated != 8 || h.pixels.vr != "OW" {
		return s.read(h.pixels.at+from, n)
	}
	begin, end := from&^1, min((from+n+1)&^1, h.pixels.length)
	raw, err := s.read(h.pixels.at+begin, end-begin)
	if err != nil {
		return nil, err
	}
	raw = bytes.Clone(raw)
	for i := 0; i+1 < len(raw); i += 2 {
		raw[i], raw[i+1] = raw[i+1], raw[i]
	}
	return raw[from-begin:][:n], nil
}

// allocated reads native values with all their bits, from a pixel on.
func (h Header) allocated(raw []byte, from int, out []int32) {
	big := h.TransferSyntax == explicitBig
	raw = raw[from*h.BitsAllocated/8:]
	switch {
	case h.BitsAllocated == 16 && !big:
		raw = raw[:2*len(out)]
		for i := range out {
			out[i] = int32(binary.LittleEndian.Uint16(raw[2*i:]))
		}
	case h.BitsAllocated == 8:
		for i, v := range raw[:len(out)] {
			out[i] = int32(v)
		}
	default:
		for i := range out {
			out[i] = h.value(raw, i)
		}
	}
}

// value reads one native value with all its bits.
func (h Header) value(raw []byte, i int) int32 {
	var order binary.ByteOrder = binary.LittleEndian
	if h.TransferSyntax == explicitBig {
		order = binary.BigEndian
	}
	switch h.BitsAllocated {
	case 16:
		return int32(order.Uint16(raw[2*i:]))
	case 32:
		return int32(order.Uint32(raw[4*i:]))
	}
	return int32(raw[i])
}

// compressed gives the bytes of one frame. A frame may lie in several fragments:
// one frame has all of them; else each has one, or the table of offsets tells
// where each frame begins (PS3.5, A.4).
func (h Header) compressed(s *source, number int) ([]byte, error) {
	all := h.pixels.fragments
	mine := all
	if h.Frames > 1 {
		if len(all) == h.Frames {
			mine = all[number : number+1]
		} else {
			var err error
			if mine, err = h.byOffsets(s, number); err != nil {
				return nil, err
			}
		}
	}
	var out bytes.Buffer
	for _, f := range mine {
		b, err := s.read(f.at, f.length)
		if err != nil {
			return nil, bad(tag.PixelData, "%w", err)
		}
		if len(mine) == 1 {
			return b, nil
		}
		out.Write(b)
	}
	return out.Bytes(), nil
}

// byOffsets gives the fragments of a frame by the basic offset table.
func (h Header) byOffsets(s *source, number int) ([]fragment, error) {
	if h.pixels.offsets.length != 4*int64(h.Frames) {
		return nil, bad(tag.PixelData, "has %d fragments for %d frames, and no table of offsets", len(h.pixels.fragments), h.Frames)
	}
	table, err := s.read(h.pixels.offsets.at, h.pixels.offsets.length)
	if err != nil {
		return nil, bad(tag.PixelData, "%w", err)
	}
	base := h.pixels.fragments[0].from
	begin, end := base+int64(binary.LittleEndian.Uint32(table[4*number:])), h.size
	if number+1 < h.Frames {
		end = base + int64(binary.LittleEndian.Uint32(table[4*number+4:]))
	}
	var out []fragment
	for _, f := range h.pixels.fragments {
		if f.from >= begin && f.from < end {
			out = append(out, f)
		}
	}
	if len(out) == 0 || out[0].from != begin {
		return nil, bad(tag.PixelData, "has no fragment where its table of offsets has frame %d", number)
	}
	return out, nil
}

// decompress decodes a frame.
func (h Header) decompress(data []byte, colours bool) (values []int32, samples int, rgb bool, err error) {
	pic, err := codec.Decode(h.TransferSyntax, data, codec.Frame{
		Rows: h.Rows, Columns: h.Columns, Samples: h.Samples, BitsAllocated: h.BitsAllocated, RGB: h.Photometric == "RGB", Colours: colours,
	})
	if err != nil {
		return nil, 0, false, bad(tag.PixelData, "cannot be decoded: %w", err)
	}
	return pic.Values, pic.Samples, pic.RGB, nil
}
