package preprocess

import (
	"bytes"
	"image"
	"image/png"
	"math"

	"vertebra/stages/internal/kernel"
)

// longest is the longest side of a thumbnail, in pixels; where it has several panels, that
// of two of them.
const longest = 128

// Columns is how many of so many panels stand side by side in a picture, row by row.
func Columns(panels int) int { return int(math.Ceil(math.Sqrt(float64(panels)))) }

// Of a stack of up to threeSlices a picture shows the middle one, since its neighbours are
// there to help; of more it shows all, if they are panels that one can still see.
const threeSlices, mostPanels = 3, 64

// Shown lists the channels that the panels of a picture show, row by row: of each view the
// middle slice, or all slices.
func Shown(channels, views int) (out []int) {
	views = max(1, views)
	slices := channels / views
	if slices > threeSlices && channels <= mostPanels {
		for c := range channels {
			out = append(out, c)
		}
		return out
	}
	for v := range views {
		out = append(out, v*slices+slices/2)
	}
	return out
}

// Thumbnail makes a grey PNG of pixels_CHW with values in [0, 1]: what Shown says.
func Thumbnail(pixels_CHW []float32, shape Shape, views int) ([]byte, error) {
	n := shape.Height * shape.Width
	var planes [][]float32
	for _, c := range Shown(shape.Channels, views) {
		planes = append(planes, pixels_CHW[c*n:][:n])
	}
	return thumbnail(planes, shape, longest)
}

// Thumbnail makes a grey PNG of case i, whose sides have at most so many pixels, or with
// several panels about twice as many.
func (im *Images) Thumbnail(i, side int) ([]byte, error) {
	return thumbnail(im.shown(i), im.Shape(), side)
}

// thumbnail lays planes side by side.
func thumbnail(planes [][]float32, shape Shape, longest int) ([]byte, error) {
	columns := Columns(len(planes))
	if columns > 1 {
		longest = 2 * longest / columns
	}
	panel := panelOf(shape, longest)
	img := image.NewGray(image.Rect(0, 0, columns*panel.Width, (len(planes)+columns-1)/columns*panel.Height))
	for i := range img.Pix { // places without a panel are grey: a black one would be a slice
		img.Pix[i] = 128
	}
	for at, plane := range planes {
		pixels := shrunk(plane, shape, panel)
		left, top := at%columns*panel.Width, at/columns*panel.Height
		for i, value := range pixels {
			img.Pix[img.PixOffset(left+i%panel.Width, top+i/panel.Width)] = uint8(math.Round(float64(min(max(value, 0), 1)) * 255))
		}
	}
	rule(img, panel)
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// panelOf is the size of a panel whose longest side has at most so many pixels.
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

// rule draws lines between panels, over the last pixels of each.
func rule(img *image.Gray, panel Shape) {
	for i := range img.Pix {
		x, y := i%img.Stride+1, i/img.Stride+1
		if x%panel.Width == 0 && x < img.Rect.Dx() || y%panel.Height == 0 && y < img.Rect.Dy() {
			img.Pix[i] = 255
		}
	}
}
