package explain

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"

	"vertebra/stages/preprocess"
)

// heat says how much each place of an image speaks for a class, row by row.
type heat struct {
	values []float64
	width  int
}

// leastPlaces is how many places a heat needs to say where.
const leastPlaces = 4

// opaque is the strength of the strongest colour, of 255.
const opaque = 140

// tiled lays the heats of a sample as pictures lay its channels. There is one for each slice
// of each view that went through the net by itself; channels that the net saw as one image
// share theirs, and there is none of those that it did not see, around the middle of each view.
func tiled(of []heat, channels, seen, views int) heat {
	one, shown := of[0], preprocess.Shown(channels, views)
	if len(shown) < 2 && len(of) < 2 || len(one.values) < leastPlaces {
		return one
	}
	columns := preprocess.Columns(len(shown))
	width, height := one.width, len(one.values)/one.width
	out := heat{make([]float64, columns*width*((len(shown)+columns-1)/columns)*height), columns * width}
	for at, channel := range shown {
		which, is := seenAs(channel, channels/max(1, views), seen/max(1, views))
		if !is {
			continue
		}
		top := at/columns*height*out.width + at%columns*width
		for i, value := range of[which*len(of)/seen].values {
			out.values[top+i/width*out.width+i%width] = value
		}
	}
	return out
}

// seenAs is which channel of what a net saw a channel of images is, where views hold so many slices
// and the net saw so many in their middle; false where it saw it not.
func seenAs(channel, held, seen int) (which int, is bool) {
	slice := channel%held - (held-seen)/2
	return channel/held*seen + slice, slice >= 0 && slice < seen
}

// framed puts the heat of the middle of images, which was all that the net saw, where that lies, on
// a finer grid that also covers what is around it.
func (h heat) framed(seen, all preprocess.Shape) heat {
	if seen.Width == all.Width && seen.Height == all.Height {
		return h
	}
	const finer = 4
	width, height := finer*h.width, finer*len(h.values)/h.width
	around := func(places, seen, all int) int {
		return int(math.Round(float64(places) * float64(all-seen) / float64(2*seen)))
	}
	left, top := around(width, seen.Width, all.Width), around(height, seen.Height, all.Height)
	out := heat{make([]float64, (width+2*left)*(height+2*top)), width + 2*left}
	for i := range width * height {
		at := func(i int) float64 { return (float64(i)+0.5)/finer - 0.5 }
		out.values[(top+i/width)*out.width+left+i%width] = h.between(at(i/width), at(i%width))
	}
	return out
}

// between is the heat at a row and column that may lie between places: bilinear, and beyond the
// outermost theirs.
func (h heat) between(row, column float64) float64 {
	along := func(x float64, n int) (low, high int, share float64) {
		x = min(max(x, 0), float64(n-1))
		return int(x), min(int(x)+1, n-1), x - math.Floor(x)
	}
	top, bottom, down := along(row, len(h.values)/h.width)
	left, right, across := along(column, h.width)
	of := func(row int) float64 {
		return (1-across)*h.values[row*h.width+left] + across*h.values[row*h.width+right]
	}
	return (1-down)*of(top) + down*of(bottom)
}

// png draws the heat with a pixel for each place: transparent where nothing speaks
// for the class, then from dark red to light yellow. Browsers stretch it smoothly,
// which is the bilinear interpolation that Grad-CAM asks for. nil where there is
// nothing to see.
func (h heat) png() ([]byte, error) {
	most := slices.Max(append([]float64{0}, h.values...))
	if len(h.values) < leastPlaces || !(most > 0) || math.IsInf(most, 0) {
		return nil, nil
	}
	img := image.NewNRGBA(image.Rect(0, 0, h.width, len(h.values)/h.width))
	for i, v := range h.values {
		img.SetNRGBA(i%h.width, i/h.width, warm(v/most))
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// warm is a colour for a number in [0, 1] that gets lighter all the way, so that
// it is read without seeing colours.
func warm(v float64) color.NRGBA {
	between := func(a, b float64) uint8 { return uint8(math.Round(a + (b-a)*v)) }
	return color.NRGBA{R: between(150, 255), G: between(0, 225), B: between(20, 60), A: between(0, opaque)}
}
