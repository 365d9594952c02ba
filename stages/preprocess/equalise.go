package preprocess

import (
	"fmt"
	"math"
)

func init() {
	Steps.Add("equalise", "spreads grey levels evenly, over the picture or by tiles (CLAHE)", Equalise{By: "histogram", ClipLimit: 2, Tiles: 8})
}

// Equalise rounds to 256 grey levels and equals OpenCV's equalizeHist, or its
// CLAHE (Zuiderveld 1994): each tile is equalised with a limit to its contrast,
// and tiles are blended.
type Equalise struct {
	By        string  `help:"one histogram for the picture, or one for each tile with limited contrast" oneof:"histogram clahe"`
	ClipLimit float64 `help:"limit of contrast; for by: clahe" over:"0" max:"1000" when:"by=clahe"`
	Tiles     int     `help:"tiles along each side; for by: clahe" min:"1" max:"64" when:"by=clahe"`
}

// Apply works on each channel by itself.
func (e Equalise) Apply(p *Picture) error {
	for c := range p.Channels {
		plane := p.Plane(c)
		levels := make([]uint8, len(plane))
		for i, v := range plane {
			if math.IsNaN(float64(v)) {
				return fmt.Errorf("equalise: pixel %d of row %d is not a number", i%p.Width, i/p.Width)
			}
			levels[i] = level(v)
		}
		if e.By == "clahe" {
			levels = clahe{e.ClipLimit, e.Tiles}.apply(levels, p.Width, p.Height)
		} else {
			flatten(levels)
		}
		for i, n := range levels {
			plane[i] = float32(n) / 255
		}
	}
	return nil
}

// level rounds [0, 1] to 256 levels.
func level(v float32) uint8 { return uint8(math.RoundToEven(float64(min(max(v, 0), 1)) * 255)) }

// flatten is equalizeHist.
func flatten(levels []uint8) {
	var counts [256]int
	for _, n := range levels {
		counts[n]++
	}
	first := 0
	for counts[first] == 0 {
		first++
	}
	if counts[first] == len(levels) {
		return
	}
	var table [256]uint8
	scale, sum := float32(255)/float32(len(levels)-counts[first]), 0
	for i := first + 1; i < 256; i++ {
		sum += counts[i]
		table[i] = saturated(float32(sum) * scale)
	}
	for i, n := range levels {
		levels[i] = table[n]
	}
}

// saturated rounds half to even, as OpenCV does.
func saturated(v float32) uint8 { return uint8(math.RoundToEven(float64(min(max(v, 0), 255)))) }

// Values must be in [0, 1] and stay there.
func (Equalise) Values(in Values) (Values, error) {
	if in != Unit {
		return in, fmt.Errorf("it wants %s, they are %s; put a window before it", Unit, in)
	}
	return Unit, nil
}

// Shape stays.
func (Equalise) Shape(in Shape) (Shape, error) { return in, nil }

// Version is that of the tables.
func (Equalise) Version() int { return 1 }
