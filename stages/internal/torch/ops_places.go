package torch

// Operations of nets that say where something is. Shapes: N rows, one for each thing
// that is looked for in an image; h and w rows and columns of a grid of cells.

// #include "shim_places.h"
import "C"

// Grid is one of square cells over an image: h rows and w columns, each of Stride by Stride
// pixels.
type Grid struct{ Height, Width, Stride int64 } // of the image, in pixels

// Cells gives for each of points_N2, places in pixels from the centre of the image, what it is to
// each cell, row by row, and behind them to nowhere: shares_N(h·w + 1), whose sum is 1. It is a
// Gaussian about the point with a deviation of half a cell, so that the mean of the cells' places
// is the point. places_BHW2 say where the pixels of the images were read, as augment's are; the
// zero Tensor: where they are. A point further than reach pixels from the middles of all cells is
// nowhere. image says of which image a row is.
func (s *Scope) Cells(places_BHW2 Tensor, image []int64, points_N2 Tensor, g Grid, reach float64) Tensor {
	rows := s.FromInt64(image, int64(len(image)))
	if !s.ok("cells", rows, points_N2) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_cells(places_BHW2.c(), rows.c(), points_N2.c(), C.int64_t(g.Height), C.int64_t(g.Width), C.int64_t(g.Stride), C.double(reach), &out)
	return s.made(out, message)
}

// Found turns logits_N(h·w + 1) of cells and of nowhere into what they say, found_N(3·modes): so
// many times the chance of the likeliest cell with those at most radius rows and columns from it,
// and the mean place there in pixels, x and y, where (0, 0) is the middle of the first pixel.
// What was said once is left out of what follows.
func (s *Scope) Found(logits Tensor, g Grid, radius, modes int64) Tensor {
	if !s.ok("found", logits) {
		return Tensor{}
	}
	var out C.vt_tensor
	message := C.vt_found(logits.c(), C.int64_t(g.Width/g.Stride), C.int64_t(g.Stride), C.int64_t(radius), C.int64_t(modes), &out)
	return s.made(out, message)
}
