// Package raster reads PNG, JPEG, TIFF, BMP, WebP and PNM images as numbers. It tells formats by
// content, never trusts a size that the file cannot hold, and turns what panics
// in a decoder into an error.
package raster

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Header is what a file says of its image.
type Header struct {
	Format        string // "png", "jpeg", "tiff", "bmp", "webp", "pnm"
	Width, Height int
	Channels      int // 1 for grey, 3 for colour
	Bits          int // of one value: 8 or 16
	// Orientation is Exif's or TIFF's, 2 to 8 where the file wants to be turned or mirrored
	// when it is shown, and 0 or 1 elsewhere; Paged says that further pages follow. Neither
	// changes what is read.
	Orientation int
	Paged       bool
}

// Image is a picture: values from 0 to 2^Bits − 1, channel by channel (red,
// green, blue), each row by row from the top left.
type Image struct {
	Header
	Pixels []float32
}

// format is one kind of file.
type format struct {
	name   string
	magic  []string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// The decoders are Go's own, but that of PNM; an image of 32 bits a value gives an error.
var formats = []format{
	{"png", []string{"\x89PNG\r\n\x1a\n"}, png.DecodeConfig, png.Decode},
	{"jpeg", []string{"\xff\xd8\xff"}, jpeg.DecodeConfig, jpeg.Decode},
	{"tiff", []string{"II*\x00", "MM\x00*"}, tiff.DecodeConfig, tiff.Decode},
	{"BigTIFF", []string{"II+\x00", "MM\x00+"}, bigConfig, nil},
	{"bmp", []string{"BM"}, bmp.DecodeConfig, bmp.Decode},
	{"webp", []string{"RIFF"}, webp.DecodeConfig, webp.Decode},
	{"pnm", []string{"P2", "P3", "P5", "P6"}, pnmConfig, pnmDecode},
}

// bigConfig says of files that seem to be TIFF what they are.
func bigConfig(io.Reader) (image.Config, error) {
	return image.Config{}, errors.New("this kind of TIFF, for files above 4 GB, is not read: store it as TIFF or PNG")
}

// wrong says of which format a decoder's error is, once.
func (f format) wrong(err error) error {
	unsupported := tiff.UnsupportedError("")
	is := errors.As(err, &unsupported)
	if text, named := strings.CutPrefix(err.Error(), f.name+": "); named {
		err = errors.New(text)
	}
	err = fmt.Errorf("%s: %w", strings.ToUpper(f.name), err)
	if is {
		err = fmt.Errorf("%w; read are 8 and 16 bits without a sign, of grey or of red, green and blue, as they are or packed by LZW, Deflate or PackBits: store it so, or as PNG", err)
	}
	return err
}

func formatOf(data []byte) (format, error) {
	for _, f := range formats {
		for _, magic := range f.magic {
			if bytes.HasPrefix(data, []byte(magic)) && f.sure(data) {
				return f, nil
			}
		}
	}
	return format{}, errors.New("no PNG, JPEG, TIFF, BMP, WebP or PNM file, by its first bytes")
}

// sure looks further where the first bytes of a format are few, or those of others too.
func (f format) sure(data []byte) bool {
	switch f.name {
	case "bmp": // the length of the header follows at 14
		return len(data) > 15 && (data[14] == 12 || data[14] == 40 || data[14] == 52 || data[14] == 56 || data[14] == 108 || data[14] == 124) && data[15] == 0
	case "webp":
		return len(data) > 12 && string(data[8:12]) == "WEBP"
	case "pnm":
		return len(data) > 3 && strings.ContainsRune(" \t\r\n", rune(data[2]))
	}
	return true
}

// Is says whether content that begins so is one of the formats.
func Is(data []byte) bool {
	_, err := formatOf(data)
	return err == nil
}

// ReadHeader reads a file's header and no pixels.
func ReadHeader(path string) (Header, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Header{}, err
	}
	h, err := decodeHeader(data)
	if err != nil {
		return Header{}, fmt.Errorf("%s: %w", path, err)
	}
	return h, nil
}

// Read reads a file's image.
func Read(path string) (Image, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Image{}, err
	}
	img, err := Decode(data)
	if err != nil {
		return Image{}, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}

// decodeHeader reads the header of a file's content.
func decodeHeader(data []byte) (h Header, err error) {
	defer caught(&err)
	f, err := formatOf(data)
	if err != nil {
		return h, err
	}
	config, err := f.config(bytes.NewReader(data))
	if err != nil {
		return h, f.wrong(err)
	}
	h = Header{Format: f.name, Width: config.Width, Height: config.Height}
	h.Channels, h.Bits = f.kind(config.ColorModel)
	h.tags(data)
	if err := h.check(len(data)); err != nil || f.name != "tiff" {
		return h, err
	}
	if err := unread(data); err != nil {
		return h, f.wrong(err)
	}
	return h, nil
}

// most is how many pixels an image may have, and how many a byte of the file may
// stand for: deflate reaches 1032 to 1, JPEG's blocks of one colour less.
const (
	most     = 1 << 28
	perByte  = 1100
	perEmpty = 1 << 16 // a small file may hold this many regardless
)

func (h Header) check(size int) error {
	if h.Width < 1 || h.Height < 1 || h.Width > 65535 || h.Height > 65535 {
		return fmt.Errorf("%s: the size is %d×%d; want 1 to 65535 a side", h.Format, h.Width, h.Height)
	}
	if n := int64(h.Width) * int64(h.Height); n > most || n > perEmpty+int64(size)*perByte {
		return fmt.Errorf("%s: the header claims %d×%d pixels, more than a file of %d bytes can hold", h.Format, h.Width, h.Height, size)
	}
	return nil
}

// kind gives channels and bits of a colour model. BMP has no grey but in a palette of greys.
func (f format) kind(m color.Model) (channels, bits int) {
	if palette, is := m.(color.Palette); is {
		coloured := slices.ContainsFunc(palette, func(c color.Color) bool {
			r, g, b, _ := c.RGBA()
			return r != g || g != b
		})
		if f.name == "bmp" && !coloured {
			return 1, 8
		}
		return 3, 8
	}
	switch m {
	case color.GrayModel:
		return 1, 8
	case color.Gray16Model:
		return 1, 16
	case color.RGBA64Model, color.NRGBA64Model:
		return 3, 16
	}
	return 3, 8
}

// caught turns a decoder's panic into an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the image is broken: %v", p)
	}
}

// Decode reads the image of a file's content.
func Decode(data []byte) (out Image, err error) {
	defer caught(&err)
	h, err := decodeHeader(data)
	if err != nil {
		return out, err
	}
	f, err := formatOf(data)
	if err != nil {
		return out, err
	}
	img, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return out, f.wrong(err)
	}
	h.Width, h.Height = img.Bounds().Dx(), img.Bounds().Dy()
	h.Channels, h.Bits = f.kind(img.ColorModel())
	return Image{h, pixels(img, h)}, nil
}
