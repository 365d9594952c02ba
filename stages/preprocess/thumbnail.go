package preprocess

import (
	"bytes"
	"image"
	"image/png"
	"math"

	"vertebra/stages/internal/kernel"
)

// longest is the longest side of a thumbnail, in pixels.
const longest = 128

// Thumbnail makes a grey PNG of at most 128 pixels a side from values in [0, 1],
// row by row.
func Thumbnail(pixels []float32, shape Shape) ([]byte, error) {
	return thumbnail(pixels, shape, longest)
}

// Thumbnail makes a grey PNG of at most so many pixels a side of image i; of
// several slices it shows the middle one.
func (im *Images) Thumbnail(i, side int) ([]byte, error) {
	return thumbnail(im.floats(i), im.Shape(), side)
}

func thumbnail(pixels []float32, shape Shape, longest int) ([]byte, error) {
	width, height := shape.Width, shape.Height
	if side := max(width, height); side > longest {
		shrink := func(n int) int { return max(1, int(math.Round(float64(n)*float64(longest)/float64(side)))) }
		width, height = shrink(width), shrink(height)
		small := make([]float32, width*height)
		across, down := tapsFor("antialias", shape.Width, shape.Height, width, height)
		kernel.Resample(pixels, shape.Width, across, down, nil, small)
		pixels = small
	}
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = uint8(math.Round(float64(min(max(pixels[i], 0), 1)) * 255))
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}
