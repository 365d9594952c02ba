package dicom

import (
	"math"

	"github.com/suyashkumar/dicom/pkg/tag"
	"github.com/suyashkumar/dicom/pkg/uid"

	"vertebra/stages/internal/dicom/codec"
)

// The UIDs of the transfer syntaxes with native pixels.
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
// Colours are their luminance; see luminance.
type Stored struct {
	Header
	Values []int32
}

// ReadImage reads a file with its pixels, of one frame.
func ReadImage(path string) (img Image, err error) {
	err = opened(path, true, func(s *source) error {
		h, frame, err := openFrame(path, s, single, false)
		if err != nil {
			return err
		}
		img = Image{h, make([]float32, h.Rows*h.Columns)}
		frame.modality(img.Pixels)
		return nil
	})
	return img, err
}

// single asks for the frame of a file that has one.
const single = -1

// ReadFrame reads one of the frames of a file, the first of which is 0; −1 means that
// of a file of one.
func ReadFrame(path string, frame int) (img Stored, err error) {
	err = opened(path, true, func(s *source) error {
		img, err = readStored(path, s, frame)
		return err
	})
	return img, err
}

func readStored(path string, s *source, number int) (Stored, error) {
	h, frame, err := openFrame(path, s, number, false)
	if err != nil {
		return Stored{}, err
	}
	out := Stored{h, make([]int32, h.Rows*h.Columns)}
	frame.stored(out.Values)
	return out, nil
}

// Image applies slope and intercept.
func (s Stored) Image() Image {
	img := Image{Header: s.Header, Pixels: make([]float32, len(s.Values))}
	s.rescale(s.Values, img.Pixels)
	return img
}

// rescale turns stored values into modality values.
func (h Header) rescale(stored []int32, out []float32) {
	out = out[:len(stored)]
	if h.Slope == 1 && h.Intercept == 0 {
		for i, v := range stored {
			out[i] = float32(v)
		}
		return
	}
	for i, v := range stored {
		out[i] = float32(float64(v)*h.Slope + h.Intercept)
	}
}

// Modality turns a stored value into a modality value.
func (h Header) Modality(stored int32) float64 { return float64(stored)*h.Slope + h.Intercept }

// Darken gives the pixels that the file declares as padding the smallest of the other
// values, and says whether there were any. Where all are padding they stay.
func (h Header) Darken(pixels []float32) bool {
	if h.Padding == nil {
		return false
	}
	a, b := float32(h.Modality(h.Padding.Low)), float32(h.Modality(h.Padding.High))
	low, high := min(a, b), max(a, b)
	darkest, padded, others := float32(math.Inf(1)), false, false
	for _, v := range pixels {
		if v >= low && v <= high {
			padded = true
			continue
		}
		darkest, others = min(darkest, v), true
	}
	if !padded || !others {
		return false
	}
	for i, v := range pixels {
		if v >= low && v <= high {
			pixels[i] = darkest
		}
	}
	return true
}

// Range gives the smallest and the largest value that BitsStored allows.
func (h Header) Range() (low, high int32) {
	if h.Signed {
		return -1 << (h.BitsStored - 1), 1<<(h.BitsStored-1) - 1
	}
	return 0, int32(1<<h.BitsStored - 1)
}

// CheckPixels says why the pixels cannot be read; it reads none.
func (h Header) CheckPixels() error {
	if err := h.checkPixels(); err != nil {
		return in(h.path, err)
	}
	return nil
}

func (h Header) checkPixels() error {
	p := h.pixels
	left := h.size - p.at
	want := h.frameSize() * int64(h.Frames)
	switch {
	case !native(h.TransferSyntax):
		return h.checkFragments()
	case !p.found:
		return bad(tag.PixelData, "is missing")
	case p.length < 0:
		return bad(tag.PixelData, "is encapsulated although the transfer syntax is native")
	case p.length > left:
		return bad(tag.PixelData, "is cut off: %d of %d bytes are there", left, p.length)
	case p.length < want || p.length >= want+max(h.frameSize(), 2): // some writers fill up the last block of a file
		return bad(tag.PixelData, "has %d bytes; Rows %d and Columns %d with BitsAllocated %d, %d samples and %d frames want %d",
			p.length, h.Rows, h.Columns, h.BitsAllocated, h.Samples, h.Frames, want)
	}
	return nil
}

// checkFragments is checkPixels for compressed files.
func (h Header) checkFragments() error {
	switch err := codec.Usable(h.TransferSyntax); {
	case err != nil:
		return bad(tag.TransferSyntaxUID, "is %s (%s): %w", h.TransferSyntax, syntaxName(h.TransferSyntax), err)
	case !h.pixels.found:
		return bad(tag.PixelData, "is missing")
	case h.pixels.length >= 0:
		return bad(tag.PixelData, "is native although the transfer syntax is compressed")
	case h.pixels.broken != nil:
		return h.pixels.broken
	case len(h.pixels.fragments) == 0:
		return bad(tag.PixelData, "has no fragments")
	case len(h.pixels.fragments) < h.Frames:
		return bad(tag.NumberOfFrames, "is %d, PixelData has %d fragments", h.Frames, len(h.pixels.fragments))
	}
	return nil
}

// frameSize is how many bytes a native frame takes.
func (h Header) frameSize() int64 {
	samples := int64(h.Samples)
	if h.Photometric == "YBR_FULL_422" && native(h.TransferSyntax) {
		samples = 2
	}
	return int64(h.Rows) * int64(h.Columns) * samples * int64(h.BitsAllocated/8)
}

func native(syntax string) bool {
	return syntax == implicitLittle || syntax == explicitLittle || syntax == explicitBig || syntax == deflatedLittle
}

func syntaxName(syntax string) string {
	if info, err := uid.Lookup(syntax); err == nil {
		return info.Name
	}
	return "unknown"
}

// frameNumber says which frame a number means.
func (h Header) frameNumber(number int) (int, error) {
	switch {
	case number == single && h.Frames > 1:
		return 0, bad(tag.NumberOfFrames, "is %d where one picture is wanted", h.Frames)
	case number == single:
		return 0, nil
	case number < 0 || number >= h.Frames:
		return 0, bad(tag.NumberOfFrames, "is %d; frame %d is wanted, the first being 1", h.Frames, number+1)
	}
	return number, nil
}

// openFrame reads a header and the bytes of one frame, for its colours or for a grey picture.
func openFrame(path string, s *source, number int, colours bool) (Header, frame, error) {
	h, err := readHeader(path, s)
	if err != nil {
		return Header{}, frame{}, err
	}
	if number, err = h.frameNumber(number); err == nil {
		err = h.checkPixels()
	}
	if err == nil {
		h, err = h.Frame(number)
	}
	if err != nil {
		return Header{}, frame{}, in(path, err)
	}
	f := frame{h: h, shown: h.shown(s)}
	if native(h.TransferSyntax) {
		f.raw, err = h.uncompressed(s, number)
	} else if f.raw, err = h.compressed(s, number); err == nil {
		f.values, f.samples, f.rgb, err = h.decompress(f.raw, colours)
	}
	if err != nil {
		return Header{}, frame{}, in(path, err)
	}
	return h.grey(), f, nil
}
