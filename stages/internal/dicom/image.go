package dicom

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/suyashkumar/dicom/pkg/tag"
	"github.com/suyashkumar/dicom/pkg/uid"
)

// The UIDs of the transfer syntaxes that are told apart here; the first three
// have native pixels.
const (
	implicitLittle = "1.2.840.10008.1.2"
	explicitLittle = "1.2.840.10008.1.2.1"
	explicitBig    = "1.2.840.10008.1.2.2"
	deflatedLittle = "1.2.840.10008.1.2.1.99"
)

// Image is one grey picture. Pixels hold modality values (after slope and
// intercept), row by row from the top left.
type Image struct {
	Header
	Pixels []float32
}

// Stored is one grey picture as the file has it: values before slope and
// intercept, row by row from the top left, with their sign. Those of
// MONOCHROME1, where the smallest value is white, are turned round: v becomes
// low + high − v, where low and high are the ends of the range that BitsStored
// allows. So bright is large everywhere, and the slices of a series stay
// comparable, which they would not by the ends that each happens to have.
type Stored struct {
	Header
	Values []int32
}

// ReadImage reads a file with its pixels.
func ReadImage(path string) (Image, error) {
	s, err := ReadStored(path)
	if err != nil {
		return Image{}, err
	}
	return s.Image(), nil
}

// Image applies slope and intercept.
func (s Stored) Image() Image {
	img := Image{Header: s.Header, Pixels: make([]float32, len(s.Values))}
	if s.Slope == 1 && s.Intercept == 0 {
		for i, v := range s.Values {
			img.Pixels[i] = float32(v)
		}
		return img
	}
	for i, v := range s.Values {
		img.Pixels[i] = float32(s.Modality(v))
	}
	return img
}

// Modality turns a stored value into a modality value.
func (h Header) Modality(stored int32) float64 { return float64(stored)*h.Slope + h.Intercept }

// Range gives the smallest and the largest value that BitsStored allows.
func (h Header) Range() (low, high int32) {
	if h.Signed {
		return -1 << (h.BitsStored - 1), 1<<(h.BitsStored-1) - 1
	}
	return 0, 1<<h.BitsStored - 1
}

// ReadStored reads a file with its pixels as stored values. The library is not
// asked for them: it knows no sign, keeps bits above BitsStored, and reads them
// one by one.
func ReadStored(path string) (Stored, error) {
	f, size, err := open(path)
	if err != nil {
		return Stored{}, err
	}
	defer f.Close()
	return readStored(path, f, size)
}

func readStored(path string, f io.ReaderAt, size int64) (Stored, error) {
	h, err := readHeader(path, f, size)
	if err != nil {
		return Stored{}, err
	}
	if err := h.CheckPixels(); err != nil {
		return Stored{}, err
	}
	raw := make([]byte, h.size()+h.size()%2)
	raw = raw[:min(int64(len(raw)), h.pixels.length)]
	if _, err := f.ReadAt(raw, h.pixels.at); err != nil {
		return Stored{}, fmt.Errorf("%s: reading PixelData: %w", path, err)
	}
	return Stored{h, h.decode(raw)}, nil
}

// CheckPixels says why the pixels cannot be read; it reads none.
func (h Header) CheckPixels() error {
	p, name := h.pixels, name(tag.PixelData)
	left := h.FileSize - p.at
	switch want := h.size(); {
	case !native(h.TransferSyntax):
		return fmt.Errorf("%s: %w", h.path, unreadable(h.TransferSyntax))
	case !p.found:
		return fmt.Errorf("%s: %s is missing", h.path, name)
	case p.length < 0:
		return fmt.Errorf("%s: %s is encapsulated although the transfer syntax is native", h.path, name)
	case p.length > left:
		return fmt.Errorf("%s: %s is cut off: %d of %d bytes are there", h.path, name, left, p.length)
	case p.length != want && p.length != want+want%2:
		return fmt.Errorf("%s: %s has %d bytes; Rows %d and Columns %d with BitsAllocated %d want %d",
			h.path, name, p.length, h.Rows, h.Columns, h.BitsAllocated, want)
	}
	return nil
}

// size is how many bytes the pixels take.
func (h Header) size() int64 { return int64(h.Rows) * int64(h.Columns) * int64(h.BitsAllocated/8) }

func native(syntax string) bool {
	return syntax == implicitLittle || syntax == explicitLittle || syntax == explicitBig
}

// unreadable names a transfer syntax that is not read.
func unreadable(syntax string) error {
	text := "unknown"
	if info, err := uid.Lookup(syntax); err == nil {
		text = info.Name
	}
	return fmt.Errorf("%s is %s (%s): only uncompressed images are read; convert with gdcmconv --raw", name(tag.TransferSyntaxUID), syntax, text)
}

// decode takes the stored bits out of the allocated ones: those above HighBit
// may hold overlays, those below HighBit+1−BitsStored nothing. Then the sign is
// extended from the highest stored bit (PS3.5, 8.1.1).
func (h Header) decode(raw []byte) []int32 {
	out := make([]int32, h.Rows*h.Columns)
	h.allocated(raw, out)
	up, down := 31-h.HighBit, 32-h.BitsStored
	low, high := h.Range()
	turned := h.Photometric == "MONOCHROME1"
	for i, v := range out {
		if v = v << up >> down; !h.Signed {
			v = int32(uint32(out[i]) << up >> down)
		}
		if turned {
			v = low + high - v
		}
		out[i] = v
	}
	return out
}

// allocated reads the values with all their bits. Bytes of big-endian files lie
// in 16-bit words when their type is OW, so they are swapped in pairs.
func (h Header) allocated(raw []byte, out []int32) {
	big := h.TransferSyntax == explicitBig
	switch {
	case h.BitsAllocated == 8 && big && h.pixels.vr == "OW":
		for i := range out {
			out[i] = int32(raw[min(i^1, len(raw)-1)])
		}
	case h.BitsAllocated == 8:
		for i := range out {
			out[i] = int32(raw[i])
		}
	case big:
		for i := range out {
			out[i] = int32(binary.BigEndian.Uint16(raw[2*i:]))
		}
	default:
		for i := range out {
			out[i] = int32(binary.LittleEndian.Uint16(raw[2*i:]))
		}
	}
}
