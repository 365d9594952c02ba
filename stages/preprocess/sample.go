package preprocess

import (
	"math"

	"vertebra/stages/internal/kernel"
	"vertebra/stages/stage"
)

// frame is a rectangle laid over a picture: its centre, the direction of its rows
// (cosine and sine), how far its pixels lie apart, and how many there are.
type frame struct {
	centre        stage.Point
	turn          [2]float64
	stepX, stepY  float64
	width, height int
}

// inward leads from pixels of the frame to pixels of the picture.
func (f frame) inward() Map {
	m := Map{XX: f.turn[0] * f.stepX, XY: -f.turn[1] * f.stepX, YX: f.turn[1] * f.stepY, YY: f.turn[0] * f.stepY}
	middleX, middleY := float64(f.width-1)/2, float64(f.height-1)/2
	m.X0 = f.centre.X - m.XX*middleX - m.XY*middleY
	m.Y0 = f.centre.Y - m.YX*middleX - m.YY*middleY
	return m
}

func (m Map) inverse() Map {
	det := m.XX*m.YY - m.XY*m.YX
	n := Map{XX: m.YY / det, XY: -m.XY / det, YX: -m.YX / det, YY: m.XX / det}
	n.X0, n.Y0 = -(n.XX*m.X0 + n.XY*m.Y0), -(n.YX*m.X0 + n.YY*m.Y0)
	return n
}

// sample replaces the picture by what the frame shows, bilinearly. Outside lies
// 0, or the edge repeated.
func (p *Picture) sample(f frame, zero bool) {
	m := f.inward()
	rowSpacing, columnSpacing := p.RowSpacing*f.stepY, p.ColumnSpacing*f.stepX
	if f.turn[1] == 0 && !zero {
		p.resample(between(p.Width, f.width, m.XX, m.X0), between(p.Height, f.height, m.YY, m.Y0))
	} else {
		p.numbers()
		old := *p
		p.replace(f.width, f.height, func(c int, out []float32) {
			plane := old.Plane(c)
			for i := range out {
				at := m.Of(stage.Point{X: float64(i % f.width), Y: float64(i / f.width)})
				out[i] = bilinear(plane, old.Width, old.Height, at, zero)
			}
		})
	}
	p.RowSpacing, p.ColumnSpacing = rowSpacing, columnSpacing
	p.Map = p.Map.Then(m.inverse())
}

// between are the taps of outputs that lie step apart, the first at a place: each
// takes from its two neighbours, or from the edge.
func between(inputs, outputs int, step, start float64) kernel.Taps {
	first, weights, slab := make([]int, outputs), make([][]float32, outputs), make([]float32, 2*outputs)
	for i := range first {
		at := min(max(step*float64(i)+start, 0), float64(inputs-1))
		left := min(int(at), max(inputs-2, 0))
		part := float32(at - float64(left))
		pair := slab[2*i : 2*i+2]
		pair[0], pair[1] = 1-part, part
		first[i], weights[i] = left, pair[:min(2, inputs)]
	}
	return kernel.NewTaps(inputs, first, weights)
}

func bilinear(plane []float32, width, height int, at stage.Point, zero bool) float32 {
	x, y := at.X, at.Y
	if !zero {
		x, y = min(max(x, 0), float64(width-1)), min(max(y, 0), float64(height-1))
	}
	left, top := math.Floor(x), math.Floor(y)
	fx, fy := float32(x-left), float32(y-top)
	value := func(dx, dy int) float32 {
		i, j := int(left)+dx, int(top)+dy
		if zero && (i < 0 || j < 0 || i >= width || j >= height) {
			return 0
		}
		return plane[min(max(j, 0), height-1)*width+min(max(i, 0), width-1)]
	}
	if x < -1 || y < -1 || x > float64(width) || y > float64(height) {
		return 0
	}
	above := value(0, 0)*(1-fx) + value(1, 0)*fx
	below := value(0, 1)*(1-fx) + value(1, 1)*fx
	return above*(1-fy) + below*fy
}
