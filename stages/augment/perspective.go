package augment

import "math/rand/v2"

func init() {
	Augmentations.Add("perspective", "moves each corner of the image inwards, as if it were seen from aside", Perspective{When: Always, By: 0.2})
}

// Perspective moves each corner inwards by up to By of half the width and height,
// as torchvision.transforms.RandomPerspective does with distortion_scale (which
// rounds to whole pixels).
type Perspective struct {
	By float64 `help:"largest move of a corner, as a share of half the image's size" min:"0" under:"1"`
	When
}

// Draw draws how far, in shares of width and height, each corner moves: top left,
// top right, bottom right, bottom left.
func (a Perspective) Draw(r *rand.Rand, _ Size) []float64 {
	out := make([]float64, 8)
	for i := range out {
		out[i] = uniform(r, 0, a.By/2)
	}
	return out
}

// Matrix leads from the moved corners back to the image's own.
func (a Perspective) Matrix(numbers []float64, size Size) Matrix {
	w, h := max(size.Width-1, 1), max(size.Height-1, 1)
	signs := [8]float64{1, 1, -1, 1, -1, -1, 1, -1}
	corners := [8]float64{0, 0, 1, 0, 1, 1, 0, 1}
	var quad [4][2]float64
	for i := range quad {
		quad[i][0] = w * (corners[2*i] + signs[2*i]*numbers[2*i] - 0.5)
		quad[i][1] = h * (corners[2*i+1] + signs[2*i+1]*numbers[2*i+1] - 0.5)
	}
	unit := affine(1/w, 0, 0.5, 0, 1/h, 0.5)
	return ontoQuad(quad).times(unit).inverse()
}

// ontoQuad sends the corners (0,0), (1,0), (1,1), (0,1) to the given ones (Heckbert
// 1989, Fundamentals of Texture Mapping, 2.2.3).
func ontoQuad(q [4][2]float64) Matrix {
	dx1, dy1 := q[1][0]-q[2][0], q[1][1]-q[2][1]
	dx2, dy2 := q[3][0]-q[2][0], q[3][1]-q[2][1]
	sx, sy := q[0][0]-q[1][0]+q[2][0]-q[3][0], q[0][1]-q[1][1]+q[2][1]-q[3][1]
	den := dx1*dy2 - dx2*dy1
	g, h := (sx*dy2-dx2*sy)/den, (dx1*sy-sx*dy1)/den
	return Matrix{
		q[1][0] - q[0][0] + g*q[1][0], q[3][0] - q[0][0] + h*q[3][0], q[0][0],
		q[1][1] - q[0][1] + g*q[1][1], q[3][1] - q[0][1] + h*q[3][1], q[0][1],
		g, h, 1,
	}
}
