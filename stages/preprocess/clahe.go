package preprocess

import "math"

// clahe is OpenCV's contrast limited adaptive histogram equalisation.
type clahe struct {
	limit float64
	tiles int // along each side
}

func (c clahe) apply(levels []uint8, width, height int) []uint8 {
	tileWidth, tileHeight := c.tileSize(width, height)
	tables := make([][256]float32, c.tiles*c.tiles)
	for i := range tables {
		left, top := i%c.tiles*tileWidth, i/c.tiles*tileHeight
		var counts [256]int
		for y := top; y < top+tileHeight; y++ {
			for x := left; x < left+tileWidth; x++ {
				counts[levels[reflected(y, height)*width+reflected(x, width)]]++
			}
		}
		tables[i] = c.table(counts, tileWidth*tileHeight)
	}
	out := make([]uint8, len(levels))
	columns := make([]blend, width)
	for x := range columns {
		columns[x] = c.blend(x, tileWidth)
	}
	for y := range height {
		row := c.blend(y, tileHeight)
		for x, column := range columns {
			n := levels[y*width+x]
			at := func(r, k int) float32 { return tables[r*c.tiles+k][n] }
			above := at(row.first, column.first)*(1-column.part) + at(row.first, column.second)*column.part
			below := at(row.second, column.first)*(1-column.part) + at(row.second, column.second)*column.part
			out[y*width+x] = saturated(above*(1-row.part) + below*row.part)
		}
	}
	return out
}

// tileSize enlarges a picture that does not divide into tiles; OpenCV then
// enlarges both sides, by a whole row of tiles where that side does divide.
func (c clahe) tileSize(width, height int) (w, h int) {
	if width%c.tiles == 0 && height%c.tiles == 0 {
		return width / c.tiles, height / c.tiles
	}
	return width/c.tiles + 1, height/c.tiles + 1
}

// reflected is the place within n that a place beyond mirrors; the edge itself is
// not repeated.
func reflected(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i = ((i % period) + period) % period
	return min(i, period-i)
}

// table is the cumulative histogram after its peaks were cut and spread evenly.
func (c clahe) table(counts [256]int, pixels int) (table [256]float32) {
	limit, excess := max(1, int(c.limit*float64(pixels)/256)), 0
	for i := range counts {
		if counts[i] > limit {
			excess += counts[i] - limit
			counts[i] = limit
		}
	}
	for i := range counts {
		counts[i] += excess / 256
	}
	if left := excess % 256; left > 0 {
		step := max(256/left, 1)
		for i := 0; i < 256 && left > 0; i, left = i+step, left-1 {
			counts[i]++
		}
	}
	scale, sum := float32(255)/float32(pixels), 0
	for i, n := range counts {
		sum += n
		table[i] = float32(saturated(float32(sum) * scale))
	}
	return table
}

// blend is between which tiles a pixel lies.
type blend struct {
	first, second int
	part          float32
}

func (c clahe) blend(at, size int) blend {
	place := float32(at)/float32(size) - 0.5
	first := int(math.Floor(float64(place)))
	return blend{max(first, 0), min(first+1, c.tiles-1), place - float32(first)}
}
