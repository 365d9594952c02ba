package raster

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io"
)

// PNM are the portable maps of Netpbm (pgm(5), ppm(5)): grey as text (P2) or bytes (P5), colour
// as text (P3) or bytes (P6), of up to 16 bits. mini-MIAS's mammograms are such files. Values are
// read as they are stored, as OpenCV does with IMREAD_UNCHANGED.

// pnm is a file that is being read.
type pnm struct {
	from                *bufio.Reader
	kind                byte
	width, height, most int
}

// pnmHeader reads what stands before the pixels: magic, width, height and the largest value.
func pnmHeader(r io.Reader) (p pnm, err error) {
	p.from = bufio.NewReader(r)
	magic := make([]byte, 2)
	if _, err := io.ReadFull(p.from, magic); err != nil {
		return p, err
	}
	p.kind = magic[1]
	for _, to := range []*int{&p.width, &p.height, &p.most} {
		if *to, err = p.number(); err != nil {
			return p, fmt.Errorf("the header: %w", err)
		}
	}
	if p.width < 1 || p.height < 1 || p.most < 1 || p.most > 65535 {
		return p, fmt.Errorf("the header says %d×%d pixels and values up to %d", p.width, p.height, p.most)
	}
	return p, nil
}

// number reads digits and the one character behind them; blanks and comments may stand before.
func (p pnm) number() (n int, err error) {
	const most = 1 << 30
	digits := 0
	for {
		c, err := p.from.ReadByte()
		switch {
		case err == io.EOF && digits > 0:
			return n, nil
		case err != nil:
			return 0, errors.New("the file ends before its last number")
		case c == '#' && digits == 0:
			if _, err := p.from.ReadString('\n'); err != nil {
				return 0, errors.New("the file ends within a comment")
			}
		case c >= '0' && c <= '9':
			if n = 10*n + int(c-'0'); n > most {
				return 0, errors.New("a number is too large")
			}
			digits++
		case c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\v' && c != '\f':
			return 0, fmt.Errorf("%q stands where a number is wanted", c)
		case digits > 0:
			return n, nil
		}
	}
}

func (p pnm) coloured() bool { return p.kind == '3' || p.kind == '6' }

func (p pnm) model() color.Model {
	switch {
	case p.coloured() && p.most > 255:
		return color.NRGBA64Model
	case p.coloured():
		return color.NRGBAModel
	case p.most > 255:
		return color.Gray16Model
	}
	return color.GrayModel
}

func pnmConfig(r io.Reader) (image.Config, error) {
	p, err := pnmHeader(r)
	return image.Config{ColorModel: p.model(), Width: p.width, Height: p.height}, err
}

// value reads one value, which may be no larger than the header says.
func (p pnm) value() (uint16, error) {
	var n int
	var err error
	switch {
	case p.kind <= '3':
		n, err = p.number()
	default:
		var high, low byte
		if p.most > 255 {
			high, err = p.from.ReadByte()
		}
		if err == nil {
			low, err = p.from.ReadByte()
		}
		n = int(high)<<8 | int(low)
	}
	if err == nil && n > p.most {
		err = fmt.Errorf("a value is %d, the largest is to be %d", n, p.most)
	}
	return uint16(n), err
}

// canvas is an empty image for the pixels.
func (p pnm) canvas() draw.Image {
	area := image.Rect(0, 0, p.width, p.height)
	switch p.model() {
	case color.GrayModel:
		return image.NewGray(area)
	case color.Gray16Model:
		return image.NewGray16(area)
	case color.NRGBAModel:
		return image.NewNRGBA(area)
	}
	return image.NewNRGBA64(area)
}

// pixel reads one pixel.
func (p pnm) pixel() (color.Color, error) {
	var v [3]uint16
	for c := range v {
		if c > 0 && !p.coloured() {
			break
		}
		var err error
		if v[c], err = p.value(); err != nil {
			return nil, err
		}
	}
	switch p.model() {
	case color.GrayModel:
		return color.Gray{Y: uint8(v[0])}, nil
	case color.Gray16Model:
		return color.Gray16{Y: v[0]}, nil
	case color.NRGBAModel:
		return color.NRGBA{uint8(v[0]), uint8(v[1]), uint8(v[2]), 0xff}, nil
	}
	return color.NRGBA64{v[0], v[1], v[2], 0xffff}, nil
}

// pnmDecode reads a file's pixels. Its caller has held the size against the length of the file.
func pnmDecode(r io.Reader) (image.Image, error) {
	p, err := pnmHeader(r)
	if err != nil {
		return nil, err
	}
	out := p.canvas()
	for y := range p.height {
		for x := range p.width {
			pixel, err := p.pixel()
			if err != nil {
				return nil, fmt.Errorf("row %d, column %d: %w", y+1, x+1, err)
			}
			out.Set(x, y, pixel)
		}
	}
	return out, nil
}
