package preprocess

import (
	"fmt"
	"math"
)

func init() {
	Steps.Add("trim", "cuts away what lies around the content of the picture, such as the dark beside a breast, an eye or a body; behind stack all slices are cut alike", Trim{By: "above", Above: 0.05, Keep: "all"},
		"trim: {keep: largest, margin: 0.02}")
}

// Trim keeps the smallest rectangle that holds the foreground, as MONAI's CropForeground: the
// pixels that are brighter than a threshold, in any channel. The threshold lies between the
// picture's smallest and largest value, at a given share of the way or where Otsu's method puts it
// (1979; scikit-image's threshold_otsu). A picture of one value stays as it is. Pieces are of
// pixels that touch by a side or a corner (scikit-image's label, connectivity 2).
type Trim struct {
	By     string  `help:"what is foreground: values above a share of the picture's range, or above the threshold of Otsu" oneof:"above otsu"`
	Above  float64 `help:"share of the way from the smallest to the largest value; for by: above" min:"0" under:"1" when:"by=above"`
	Keep   string  `help:"all foreground, or its largest piece alone: letters, markers and instruments beside it then count nothing" oneof:"all largest"`
	Margin float64 `help:"what is kept around it, as far as the picture goes, as a share of the longer side" min:"0" max:"1"`
}

// Apply cuts.
func (t Trim) Apply(p *Picture) error {
	p.numbers()
	low, high := float32(math.Inf(1)), float32(math.Inf(-1))
	for i, v := range p.Pixels {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("trim: value %d of the picture is %v", i, v)
		}
		low, high = min(low, v), max(high, v)
	}
	if low == high {
		return nil
	}
	threshold := float64(low) + t.Above*(float64(high)-float64(low))
	if t.By == "otsu" {
		threshold = otsu(p.Pixels, float64(low), float64(high))
	}
	box := t.content(p, threshold)
	margin := int(math.Round(t.Margin * float64(max(box.right-box.left, box.bottom-box.top))))
	left, top := max(0, box.left-margin), max(0, box.top-margin)
	p.cut(left, top, min(p.Width, box.right+margin)-left, min(p.Height, box.bottom+margin)-top)
	return nil
}

// box is a rectangle of whole pixels, right and bottom not included, and how many of them count.
type box struct{ left, top, right, bottom, pixels int }

func (b box) with(o box) box {
	return box{min(b.left, o.left), min(b.top, o.top), max(b.right, o.right), max(b.bottom, o.bottom), b.pixels + o.pixels}
}

// content is the rectangle of the foreground, or of its largest piece; of equally large ones the
// first in the order of rows. There is foreground: the largest value is above the threshold.
func (t Trim) content(p *Picture, threshold float64) box {
	pieces := p.pieces(threshold)
	best := pieces[0]
	for _, b := range pieces[1:] {
		switch {
		case t.Keep == "all":
			best = best.with(b)
		case b.pixels > best.pixels:
			best = b
		}
	}
	return best
}

// run is a stretch of foreground in a row.
type run struct{ first, end, piece int }

// pieces are the connected parts of what is above a threshold, in the order of their first pixel.
// They are found row by row: a run belongs to the piece of each run above that it touches.
func (p *Picture) pieces(threshold float64) (out []box) {
	var parent []int // of each piece: one that it was joined to, or itself
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	var boxes []box
	var above, here []run
	row := make([]bool, p.Width)
	for y := range p.Height {
		p.foreground(y, threshold, row)
		here = here[:0]
		at := 0
		for _, r := range runs(row) {
			r.piece = len(boxes)
			boxes, parent = append(boxes, box{r.first, y, r.end, y + 1, r.end - r.first}), append(parent, r.piece)
			for at < len(above) && above[at].end < r.first {
				at++
			}
			for k := at; k < len(above) && above[k].first <= r.end; k++ {
				a, b := root(above[k].piece), root(r.piece)
				if a != b {
					a, b = min(a, b), max(a, b)
					parent[b], boxes[a] = a, boxes[a].with(boxes[b])
				}
			}
			here = append(here, r)
		}
		above, here = here, above
	}
	for i := range boxes {
		if parent[i] == i {
			out = append(out, boxes[i])
		}
	}
	return out
}

// foreground says which pixels of a row are above a threshold, in any channel.
func (p *Picture) foreground(y int, threshold float64, row []bool) {
	clear(row)
	for c := range p.Channels {
		for x, v := range p.Plane(c)[y*p.Width : (y+1)*p.Width] {
			row[x] = row[x] || float64(v) > threshold
		}
	}
}

func runs(row []bool) (out []run) {
	for x := 0; x < len(row); x++ {
		if !row[x] {
			continue
		}
		first := x
		for x < len(row) && row[x] {
			x++
		}
		out = append(out, run{first: first, end: x})
	}
	return out
}

// otsu parts 256 bins so that the variance between both parts is largest, and gives the middle of
// the last bin of the lower part.
func otsu(values []float32, low, high float64) float64 {
	const bins = 256
	var counts [bins]float64
	scale := bins / (high - low)
	for _, v := range values {
		counts[min(int((float64(v)-low)*scale), bins-1)]++
	}
	middle := func(i int) float64 { return low + (float64(i)+0.5)/scale }
	n, sum := 0.0, 0.0
	for i, c := range counts {
		n, sum = n+c, sum+c*middle(i)
	}
	best, at := -1.0, 0
	below, belowSum := 0.0, 0.0
	for i, c := range counts[:bins-1] {
		below, belowSum = below+c, belowSum+c*middle(i)
		above := n - below
		if below == 0 || above == 0 {
			continue
		}
		apart := belowSum/below - (sum-belowSum)/above
		if between := below * above * apart * apart; between > best*(1+1e-12) {
			best, at = between, i
		}
	}
	return middle(at)
}

// Shape depends on each picture.
func (Trim) Shape(in Shape) (Shape, error) { return Shape{in.Channels, 0, 0}, nil }

// Version is that of the threshold and the pieces.
func (Trim) Version() int { return 1 }
