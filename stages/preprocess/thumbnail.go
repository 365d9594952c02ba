package preprocess

import (
	"bytes"
	"image"
	"image/png"
	"math"

	"vertebra/stages/internal/kernel"
)

// longest is the longest side of a thumbnail, in pixels; where it shows several views,
// that of two of them.
const longest = 128

// Columns is how many of so many views stand side by side in a picture, row by row.
func Columns(views int) int { return int(math.Ceil(math.Sqrt(float64(views)))) }

// Thumbnail makes a grey PNG of pixels_CHW with values in [0, 1]: of several slices the
// middle one, of several views each.
func Thumbnail(pixels_CHW []float32, shape Shape, views int) ([]byte, error) {
	return thumbnail(pixels_CHW, shape, views, longest)
}

// Thumbnail makes a grey PNG of case i, whose sides have at most so many pixels, or with
// several views about twice as many.
func (im *Images) Thumbnail(i, side int) ([]byte, error) {
	shape := im.Shape()
	shape.Channels = im.views
	return thumbnail(im.middles(i), shape, im.views, side)
}

func thumbnail(pixels_CHW []float32, shape Shape, views, longest int) ([]byte, error) {
	views = max(1, views)
	columns, slices := Columns(views), shape.Channels/views
	if columns > 1 {
		longest = 2 * longest / columns
	}
	panel, n := panelOf(shape, longest), shape.Height*shape.Width
	img := image.NewGray(image.Rect(0, 0, columns*panel.Width, (views+columns-1)/columns*panel.Height))
	for v := range views {
		pixels := shrunk(pixels_CHW[(v*slices+slices/2)*n:][:n], shape, panel)
		left, top := v%columns*panel.Width, v/columns*panel.Height
		for i, value := range pixels {
			img.Pix[img.PixOffset(left+i%panel.Width, top+i/panel.Width)] = uint8(math.Round(float64(min(max(value, 0), 1)) * 255))
		}
	}
	rule(img, panel)
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// panelOf is the size of a view whose longest side has at most so many pixels.
func panelOf(shape Shape, longest int) Shape {
	side := max(shape.Width, shape.Height)
	if side <= longest {
		return Shape{1, shape.Height, shape.Width}
	}
	shrink := func(n int) int { return max(1, int(math.Round(float64(n)*float64(longest)/float64(side)))) }
	return Shape{1, shrink(shape.Height), shrink(shape.Width)}
}

func shrunk(plane []float32, shape, panel Shape) []float32 {
	if panel.Height == shape.Height && panel.Width == shape.Width {
		return plane
	}
	small := make([]float32, panel.Width*panel.Height)
	across, down := tapsFor("antialias", shape.Width, shape.Height, panel.Width, panel.Height)
	kernel.Resample(plane, shape.Width, across, down, nil, small)
	return small
}

// rule draws lines between views, over the last pixels of each.
func rule(img *image.Gray, panel Shape) {
	for i := range img.Pix {
		x, y := i%img.Stride+1, i/img.Stride+1
		if x%panel.Width == 0 && x < img.Rect.Dx() || y%panel.Height == 0 && y < img.Rect.Dy() {
			img.Pix[i] = 255
		}
	}
}
