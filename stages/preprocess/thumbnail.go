package preprocess

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
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

// colours is how many channels a picture in colour has: red, green and blue.
const colours = 3

// InColour says whether the channels of each view are colours.
func (im *Images) InColour() bool {
	return im.Slices() == 1 && im.Shape().Channels == colours*max(1, im.views)
}

// Thumbnail makes a PNG of pixels_CHW with values in [0, 1]: what Shown says, grey or in colour.
func Thumbnail(pixels_CHW []float32, shape Shape, views int, inColour bool) ([]byte, error) {
	n := shape.Height * shape.Width
	return thumbnail(panels(shape, views, inColour, func(c int) []float32 { return pixels_CHW[c*n:][:n] }), shape, longest)
}

// Thumbnail makes a PNG of case i, whose sides have at most so many pixels, or with several
// panels about twice as many.
func (im *Images) Thumbnail(i, side int) ([]byte, error) {
	plane := func(channel int) []float32 { return im.plane(i, channel) }
	return thumbnail(panels(im.Shape(), im.views, im.InColour(), plane), im.Shape(), side)
}

// panels are what Shown says, of each the plane of one channel, or those of three colours, of
// which Shown names the middle one.
func panels(shape Shape, views int, inColour bool, plane func(channel int) []float32) (out [][][]float32) {
	for _, c := range Shown(shape.Channels, views) {
		if inColour {
			out = append(out, [][]float32{plane(c - 1), plane(c), plane(c + 1)})
		} else {
			out = append(out, [][]float32{plane(c)})
		}
	}
	return out
}

// thumbnail lays panels side by side.
func thumbnail(panels [][][]float32, shape Shape, longest int) ([]byte, error) {
	columns := Columns(len(panels))
	if columns > 1 {
		longest = 2 * longest / columns
	}
	panel := panelOf(shape, longest)
	rect := image.Rect(0, 0, columns*panel.Width, (len(panels)+columns-1)/columns*panel.Height)
	var img draw.Image = image.NewGray(rect)
	if len(panels[0]) == colours {
		img = image.NewRGBA(rect)
	}
	draw.Draw(img, rect, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src) // a black place would be a slice
	for at, planes := range panels {
		left, top := at%columns*panel.Width, at/columns*panel.Height
		small := make([][]float32, len(planes))
		for c, plane := range planes {
			small[c] = shrunk(plane, shape, panel)
		}
		for i := range small[0] {
			img.Set(left+i%panel.Width, top+i/panel.Width, pixel(small, i))
		}
	}
	rule(img, panel)
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// pixel is the colour of a place in one plane, or in three.
func pixel(planes [][]float32, i int) color.Color {
	level := func(c int) uint8 { return uint8(math.Round(float64(min(max(planes[c][i], 0), 1)) * 255)) }
	if len(planes) == colours {
		return color.RGBA{level(0), level(1), level(2), 255}
	}
	return color.Gray{level(0)}
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
func rule(img draw.Image, panel Shape) {
	size := img.Bounds()
	for y := range size.Dy() {
		for x := range size.Dx() {
			if (x+1)%panel.Width == 0 && x+1 < size.Dx() || (y+1)%panel.Height == 0 && y+1 < size.Dy() {
				img.Set(x, y, color.White)
			}
		}
	}
}
