package raster

import (
	"image"
	"image/color"

	"vertebra/stages/internal/chroma"
)

// pixels are the values of an image. What is transparent keeps its colour.
func pixels(img image.Image, h Header) []float32 {
	n := h.Width * h.Height
	out := make([]float32, h.Channels*n)
	b := img.Bounds()
	switch img := img.(type) {
	case *image.Gray:
		for y := range h.Height {
			for x, v := range img.Pix[y*img.Stride:][:h.Width] {
				out[y*h.Width+x] = float32(v)
			}
		}
		return out
	case *image.Gray16:
		for y := range h.Height {
			row := img.Pix[y*img.Stride:][:2*h.Width]
			for x := range h.Width {
				out[y*h.Width+x] = float32(uint16(row[2*x])<<8 | uint16(row[2*x+1]))
			}
		}
		return out
	case *image.YCbCr:
		lossy(img, h, out)
		return out
	case *image.NYCbCrA:
		lossy(&img.YCbCr, h, out)
		return out
	}
	for y := range h.Height {
		for x := range h.Width {
			if h.Channels == 1 {
				out[y*h.Width+x] = straight(img.At(b.Min.X+x, b.Min.Y+y), h.Bits)[0]
				continue
			}
			rgb := straight(img.At(b.Min.X+x, b.Min.Y+y), h.Bits)
			for c, v := range rgb {
				out[c*n+y*h.Width+x] = v
			}
		}
	}
	return out
}

// lossy fills out with red, green and blue of luminance and two differences of colour.
func lossy(img *image.YCbCr, h Header, out []float32) {
	n := h.Width * h.Height
	convert := chroma.JPEG
	if h.Format == "webp" {
		convert = chroma.WebP
	}
	convert(img, func(at int, r, g, b uint8) {
		out[at], out[n+at], out[2*n+at] = float32(r), float32(g), float32(b)
	})
}

// straight gives red, green and blue, not multiplied by the opacity.
func straight(c color.Color, bits int) [3]float32 {
	if bits == 16 {
		v := color.NRGBA64Model.Convert(c).(color.NRGBA64)
		return [3]float32{float32(v.R), float32(v.G), float32(v.B)}
	}
	v := color.NRGBAModel.Convert(c).(color.NRGBA)
	return [3]float32{float32(v.R), float32(v.G), float32(v.B)}
}

// Grey gives one channel: red, green and blue weighed as OpenCV's COLOR_RGB2GRAY
// does (ITU-R BT.601). A grey image stays as it is.
func (i Image) Grey() []float32 {
	if i.Channels == 1 {
		return i.Pixels
	}
	n := i.Width * i.Height
	red, green, blue := i.Pixels[:n], i.Pixels[n:2*n], i.Pixels[2*n:]
	out := make([]float32, n)
	for j := range out {
		out[j] = 0.299*red[j] + 0.587*green[j] + 0.114*blue[j]
	}
	return out
}
