// Package codec decodes the compressed frames that DICOM files hold. Each codec
// gets the bytes of one frame and what the file's header says of it, believes
// neither, and gives whole numbers.
//
// RLE, lossless JPEG, 12-bit JPEG and JPEG-LS are decoded here; 8-bit JPEG by the
// standard library; JPEG 2000 with HTJ2K by OpenJPEG, which is looked for when the
// first such frame comes.
package codec

import (
	"errors"
	"fmt"
	"slices"
)

// Frame is what a header says of a compressed frame.
type Frame struct {
	Rows, Columns int
	Samples       int  // values per pixel: 1 or 3
	BitsAllocated int  // 8, 16 or 32
	RGB           bool // the samples are red, green and blue, not a transform of these
	Colours       bool // three samples are wanted, where luminance alone would do for grey
}

// Picture is a decoded frame.
type Picture struct {
	Samples int     // values per pixel: 1 or 3
	Values  []int32 // row by row; the samples of a pixel side by side
	RGB     bool    // three samples are red, green and blue, whatever the header says
}

// decoder decodes a frame of one family of transfer syntaxes.
type decoder struct {
	name   string
	decode func(data []byte, f Frame) (Picture, error)
	// absent says why the library behind the decoder cannot be used; nil where
	// there is none behind it.
	absent func() error
}

var (
	rle      = decoder{name: "RLE", decode: decodeRLE}
	jpeg     = decoder{name: "JPEG", decode: decodeJPEG}
	jpegLS   = decoder{name: "JPEG-LS", decode: decodeLS}
	jpeg2000 = decoder{name: "JPEG 2000", decode: decode2000, absent: openjpegAbsent}
)

// bySyntax has the transfer syntax UIDs (PS3.6, table A-1).
var bySyntax = map[string]decoder{
	"1.2.840.10008.1.2.5":     rle,
	"1.2.840.10008.1.2.4.50":  jpeg,     // baseline, 8 bits
	"1.2.840.10008.1.2.4.51":  jpeg,     // extended, 8 and 12 bits
	"1.2.840.10008.1.2.4.57":  jpeg,     // lossless
	"1.2.840.10008.1.2.4.70":  jpeg,     // lossless, first-order prediction
	"1.2.840.10008.1.2.4.80":  jpegLS,   // lossless
	"1.2.840.10008.1.2.4.81":  jpegLS,   // near-lossless
	"1.2.840.10008.1.2.4.90":  jpeg2000, // lossless
	"1.2.840.10008.1.2.4.91":  jpeg2000, // lossy
	"1.2.840.10008.1.2.4.92":  jpeg2000, // lossless, multi-component
	"1.2.840.10008.1.2.4.93":  jpeg2000, // lossy, multi-component
	"1.2.840.10008.1.2.4.201": jpeg2000, // HTJ2K lossless
	"1.2.840.10008.1.2.4.202": jpeg2000, // HTJ2K lossless, RPCL
	"1.2.840.10008.1.2.4.203": jpeg2000, // HTJ2K lossy
}

// ErrUnknown is the error for a transfer syntax that no codec is for.
var ErrUnknown = errors.New("no codec for this transfer syntax")

// Usable says whether frames of a transfer syntax can be decoded here: nil,
// ErrUnknown, or which library is missing and how to get it.
func Usable(syntax string) error {
	d, known := bySyntax[syntax]
	switch {
	case !known:
		return ErrUnknown
	case d.absent != nil:
		return d.absent()
	}
	return nil
}

// Syntaxes lists the UIDs of the transfer syntaxes that have a codec.
func Syntaxes() []string {
	var out []string
	for uid := range bySyntax {
		out = append(out, uid)
	}
	slices.Sort(out)
	return out
}

// Decode decodes one frame. What a codec panics with becomes an error.
func Decode(syntax string, data []byte, f Frame) (pic Picture, err error) {
	if err := Usable(syntax); err != nil {
		return Picture{}, err
	}
	d := bySyntax[syntax]
	defer func() {
		if p := recover(); p != nil {
			pic, err = Picture{}, fmt.Errorf("broken %s frame: %v", d.name, p)
		}
	}()
	if f.Rows < 1 || f.Columns < 1 || f.Samples != 1 && f.Samples != 3 {
		return Picture{}, fmt.Errorf("no frame has %d rows, %d columns and %d samples per pixel", f.Rows, f.Columns, f.Samples)
	}
	pic, err = d.decode(data, f)
	if err != nil {
		return Picture{}, fmt.Errorf("%s frame of %d bytes: %w", d.name, len(data), err)
	}
	return pic, nil
}

// size is how many values the frame has.
func (f Frame) size() int { return f.Rows * f.Columns * f.Samples }

// justified refuses a frame that so few bytes cannot hold: each codec knows how
// many values a byte can stand for. So a lying header allocates nothing.
func (f Frame) justified(data []byte, perByte int) error {
	if f.size()/perByte > len(data) {
		return fmt.Errorf("%d bytes cannot hold %d × %d pixels of %d samples", len(data), f.Rows, f.Columns, f.Samples)
	}
	return nil
}

// Codecs that write a blank picture in a few bytes have no such limit. They may
// make 16 million values from any frame, and 64 more for each of its bytes.
const (
	always  = 16 << 20
	perByte = 64
)

func (f Frame) likely(data []byte) error {
	if f.size() > always+perByte*len(data) {
		return fmt.Errorf("%d bytes for %d × %d pixels of %d samples: more than %d times smaller is not believed", len(data), f.Rows, f.Columns, f.Samples, perByte)
	}
	return nil
}

// matches refuses a stream whose own header differs from that of the file.
func (f Frame) matches(rows, columns, samples int) error {
	if rows != f.Rows || columns != f.Columns || samples != f.Samples {
		return fmt.Errorf("the stream has %d rows, %d columns and %d samples, the header %d, %d and %d",
			rows, columns, samples, f.Rows, f.Columns, f.Samples)
	}
	return nil
}
